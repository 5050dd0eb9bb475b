using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Muniment.TestData;
using Muniment.Testing;

namespace Muniment.Benchmarks;

/// <summary>
/// What one tenant's flood does to another one's answers. The neighbour sends a small request every 20 ms; beside it nothing, then a tenant that sends as fast as four connections can, whatever it is
/// answered: with a quota of about a twentieth of what the machine takes in, with one of a fifth, and without any, so that it may take the whole machine. The flood's sender shares the processors, too.
/// </summary>
internal static class NeighbourBench
{
    private const int Windows = 5;
    private const int Connections = 4;
    private const int QuotaEventsPerSecond = 5_000;
    private const int LargeQuotaEventsPerSecond = 20_000;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    public static async Task RunAsync(Table table)
    {
        string directory = Directory.CreateTempSubdirectory("muniment-bench-").FullName;
        var generator = new EventGenerator(7);
        byte[][] large = [.. Enumerable.Range(0, 64).Select(_ => generator.LogsRequest(1000))];
        byte[][] small = [.. Enumerable.Range(0, 256).Select(_ => generator.LogsRequest(10))];
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory);
        string neighbour = await CreateTenantAsync(platform, "neighbour", null);
        (string Name, string Key)[] tenants =
        [
            ($"over a quota of {QuotaEventsPerSecond:N0} events a second", await CreateTenantAsync(platform, "limited", new { events_per_s = QuotaEventsPerSecond })),
            ($"over a quota of {LargeQuotaEventsPerSecond:N0}", await CreateTenantAsync(platform, "less-limited", new { events_per_s = LargeQuotaEventsPerSecond })),
            ("without a quota", await CreateTenantAsync(platform, "unlimited", null)),
        ];
        var quiet = new RawLoad(small, 10, 1, "/v1/logs", "application/x-protobuf", Pace);
        var flood = new RawLoad(large, 1000, Connections, "/v1/logs", "application/x-protobuf") { PauseAfterRefusalMs = 0 };
        flood.Run(platform.OtlpHttp, tenants[^1].Key, TimeSpan.FromSeconds(5));
        quiet.Run(platform.OtlpHttp, neighbour, TimeSpan.FromSeconds(5));

        List<double> alone = [];
        List<double>[] beside = [.. tenants.Select(_ => new List<double>())];
        List<LoadResult>[] floods = [.. tenants.Select(_ => new List<LoadResult>())];
        for (int i = 0; i < Windows; i++)
        {
            await IngestBench.SealedAsync(platform, TimeSpan.FromMinutes(2));
            await Task.Delay(Rest); // sessions, too, take up what the flood left
            alone.Add(quiet.Run(platform.OtlpHttp, neighbour, Window).P99Ms);
            for (int t = 0; t < tenants.Length; t++)
            {
                var flooding = Task.Run(() => flood.Run(platform.OtlpHttp, tenants[t].Key, Window + TimeSpan.FromSeconds(1)));
                await Task.Delay(500);
                beside[t].Add(quiet.Run(platform.OtlpHttp, neighbour, Window).P99Ms);
                floods[t].Add(await flooding);
            }
        }

        double baseline = Median(alone);
        table.Add("a small request every 20 ms, p99, alone", baseline, "ms");
        for (int t = 0; t < tenants.Length; t++)
        {
            double p99 = Median(beside[t]);
            if (t == 0)
            {
                table.AddMost($"  beside a flood {tenants[t].Name}", p99, "ms", 2 * baseline);
            }
            else
            {
                table.Add($"  beside a flood {tenants[t].Name}", p99, "ms", p99 / baseline, "that");
            }

            table.Add("    of which was taken", floods[t].Average(f => f.PerSecond), "ev/s");
            table.Add("    and refused", floods[t].Average(f => f.Refused / f.Seconds), "req/s");
        }

        await platform.KillAsync();
        Directory.Delete(directory, recursive: true);
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    private static async Task<string> CreateTenantAsync(PlatformProcess platform, string id, object? quota)
    {
        using HttpClient admin = platform.CreateClient();
        using HttpResponseMessage tenant = await admin.PostAsJsonAsync("api/v1/tenants", new { id, name = id, quota });
        tenant.EnsureSuccessStatusCode();
        string adminKey = (await tenant.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("admin_key").GetString()!;
        admin.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", adminKey);
        using HttpResponseMessage key = await admin.PostAsJsonAsync("api/v1/keys", new { role = "ingest", name = "bench" });
        key.EnsureSuccessStatusCode();
        return (await key.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString()!;
    }
}
