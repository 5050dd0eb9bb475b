using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Muniment.Journal;
using Muniment.Testing;

namespace Muniment.Faults;

/// <summary>
/// kill -9 at random moments and at every failpoint, under load, on one data directory that lives through all rounds. After each death: start again, let the
/// clients repeat what got no answer, then check the log, both destinations and the Merkle root.
/// </summary>
internal sealed class KillSoak(int seed, TextWriter output, TimeSpan readyLimit, IReadOnlyDictionary<string, string>? environment = null)
{
    private const int Clients = 6;
    private const int MaxBatch = 2000;
    private const int FailpointSeconds = 30;
    private readonly Random random = new(seed);
    private readonly Load load = new(Clients, seed);
    private readonly string directory = Directory.CreateTempSubdirectory("muniment-soak-").FullName;
    private readonly string scratch = Directory.CreateTempSubdirectory("muniment-soak-").FullName;
    private Provocation provocation = null!;
    private int crashes;
    private long entries;
    private TimeSpan slowest;

    /// <summary>Figures for the report.</summary>
    public object Result => new { seed, crashes, entries, acknowledged = load.Acknowledged.Count, repeats = load.Repeats, slowest_ready_ms = slowest.TotalMilliseconds };

    /// <summary>Runs; throws a <see cref="FaultException"/> at the first broken promise.</summary>
    public async Task RunAsync(int rounds, IReadOnlyList<string> failpoints)
    {
        await using HecSink hec = await HecSink.StartAsync(keepText: false);
        await using OtlpSink otlp = await OtlpSink.StartAsync();
        (string? Fault, string Label)[] plan =
        [
            .. Enumerable.Range(1, rounds).Select(r => ((string?)null, $"kill {r}/{rounds}")),
            .. failpoints.SelectMany(p => Enumerable.Range(1, 3).Select(n => ((string?)$"{p}:{(n == 1 ? 1 : random.Next(1, Provocation.MostPasses(p) + 1))}", $"failpoint {p}, {n}/3"))),
        ];
        provocation = new Provocation(scratch, seed);
        bool configured = false;
        for (int round = 0; round < plan.Length; round++)
        {
            (string? fault, string label) = plan[round];
            if (fault?.StartsWith(Failpoints.Migration + ":", StringComparison.Ordinal) == true)
            {
                await MigrationAsync(fault, label);
                continue;
            }

            string how;
            try
            {
                how = await CrashAsync(fault, configured, hec, otlp);
            }
            catch (PlatformEndedException e) when (fault is not null && e.ExitCode == PlatformEndedException.Killed)
            {
                // Died before it was ready: points on the start path do that.
                crashes++;
                how = "died at start";
            }

            configured = true;
            await using PlatformProcess platform = await PlatformProcess.StartAsync(directory, environment: environment);
            slowest = platform.ReadyAfter > slowest ? platform.ReadyAfter : slowest;
            if (platform.ReadyAfter > readyLimit)
            {
                throw new FaultException($"ready {platform.ReadyAfter.TotalSeconds:0.0} s after the crash, the limit is {readyLimit.TotalSeconds} s");
            }

            await load.SettleAsync(platform.Http, platform.OtlpHttp, platform.AdminKey);
            using HttpClient client = platform.CreateClient();
            await ConfigureAsync(client, hec, otlp);
            await provocation.CheckAsync(client);
            List<(long Seq, string Marker, string Stream)> log = await Checks.LogAsync(client, load.Acknowledged);
            entries = log.Count;
            List<long> expected = [.. log.Where(e => e.Stream == "activity").Select(e => e.Seq)];
            if (expected.Count > 0)
            {
                await Checks.ArrivedAsync(() => hec.Arrivals is [.., var last] ? last.Seq : -1, expected[^1], "hec");
                await Checks.ArrivedAsync(() => otlp.Arrivals is [.., var last] ? last.Seq : -1, expected[^1], "otlp");
            }

            Checks.Delivered("hec", [.. hec.Arrivals.Select(a => a.Seq)], expected, MaxBatch, crashes);
            Checks.Delivered("otlp", [.. otlp.Arrivals.Select(a => a.Seq)], expected, MaxBatch, crashes);
            await platform.KillAsync();
            crashes++;
            await OfflineCheck.RunAsync(directory, log.Count);
            output.WriteLine($"{label,-44} {how,-16} ready {platform.ReadyAfter.TotalMilliseconds,5:0} ms  {log.Count,7} entries  {load.Acknowledged.Count,7} acknowledged  {load.Repeats,4} repeated");
        }

        Directory.Delete(directory, recursive: true);
        Directory.Delete(scratch, recursive: true);
    }

    /// <summary>Migrations are made once in the life of a directory, so each crash in one has a new directory.</summary>
    private async Task MigrationAsync(string fault, string label)
    {
        string fresh = Path.Combine(scratch, "migration-" + crashes);
        try
        {
            await using PlatformProcess dying = await PlatformProcess.StartAsync(fresh, environment: new Dictionary<string, string>(environment ?? new Dictionary<string, string>()) { [Failpoints.Variable] = fault });
            throw new FaultException($"{fault} was not reached");
        }
        catch (PlatformEndedException e) when (e.ExitCode == PlatformEndedException.Killed)
        {
            crashes++;
        }

        await using PlatformProcess platform = await PlatformProcess.StartAsync(fresh, environment: environment);
        using HttpClient client = platform.CreateClient();
        using HttpResponseMessage appended = await client.PostAsJsonAsync("api/v1/events", new { id = "after", actor = "user:soak@example.com", action = "tool.call", target = "repo", result = "success", trace = "after" });
        appended.EnsureSuccessStatusCode();
        await platform.KillAsync();
        await OfflineCheck.RunAsync(fresh, 1);
        output.WriteLine($"{label,-44} {"died at start",-16} ready {platform.ReadyAfter.TotalMilliseconds,5:0} ms");
    }

    private async Task<string> CrashAsync(string? fault, bool configured, HecSink hec, OtlpSink otlp)
    {
        var variables = new Dictionary<string, string>(environment ?? new Dictionary<string, string>());
        if (fault is not null)
        {
            variables[Failpoints.Variable] = fault;
            foreach ((string name, string value) in Provocation.Settings)
            {
                variables[name] = value;
            }
        }

        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory, environment: variables);
        if (!configured)
        {
            using HttpClient client = platform.CreateClient();
            await ConfigureAsync(client, hec, otlp);
        }

        // A destination that is unwell while the platform dies: what it refused must come again after the restart.
        var mood = new Random(random.Next());
        hec.Answer = _ =>
        {
            lock (mood)
            {
                return mood.Next(2) == 0 ? new SinkAnswer(503, """{"text":"Server is busy","code":9}""", "1") : null;
            }
        };
        using var stop = new CancellationTokenSource();
        Task running = load.RunAsync(platform.Http, platform.OtlpHttp, platform.AdminKey, stop.Token);
        using HttpClient operatorClient = platform.CreateClient();
        Task provoking = fault is null ? Task.CompletedTask : provocation.RunAsync(operatorClient, fault[..fault.IndexOf(':', StringComparison.Ordinal)], stop.Token);
        int killAfterMs = fault is null ? random.Next(50, 1500) : FailpointSeconds * 1000;
        var watch = Stopwatch.StartNew();
        while (!platform.HasExited && watch.ElapsedMilliseconds < killAfterMs)
        {
            await Task.Delay(10);
        }

        bool byItself = Checks.DiedThere(platform);
        await platform.KillAsync();
        crashes++;
        hec.Answer = null;
        stop.Cancel();
        await running;
        await provoking;
        return byItself ? "died there" : fault is null ? $"after {killAfterMs} ms" : throw new FaultException($"{fault} was not reached within {FailpointSeconds} s");
    }

    private static async Task ConfigureAsync(HttpClient client, HecSink hec, OtlpSink otlp)
    {
        JsonElement existing = await client.GetFromJsonAsync<JsonElement>("api/v1/destinations");
        string[] ids = [.. existing.GetProperty("items").EnumerateArray().Select(d => d.GetProperty("id").GetString()!)];
        if (!ids.Contains("hec"))
        {
            await CreateAsync(client, new
            {
                id = "hec", kind = "splunk_hec", endpoint = hec.Address, credential = new { token = "00000000-0000-0000-0000-000000000000" },
                streams = new[] { "activity" }, format = "canonical", start = "beginning", batch = new { max_events = MaxBatch / 2 },
            });
        }

        if (!ids.Contains("otlp"))
        {
            await CreateAsync(client, new
            {
                id = "otlp", kind = "otlp_http", endpoint = otlp.Address, streams = new[] { "activity" }, format = "canonical", start = "beginning", batch = new { max_events = MaxBatch / 2 },
            });
        }
    }

    private static async Task CreateAsync(HttpClient client, object destination)
    {
        using HttpResponseMessage response = await client.PostAsJsonAsync("api/v1/destinations", destination);
        if (!response.IsSuccessStatusCode)
        {
            throw new FaultException($"a destination was refused: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
    }
}
