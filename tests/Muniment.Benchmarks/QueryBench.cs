using System.Diagnostics;
using System.Text.Json;
using Muniment.TestData;
using Muniment.Testing;

namespace Muniment.Benchmarks;

/// <summary>Look-ups among 5 million events.</summary>
internal static class QueryBench
{
    private const string RareWord = "zyzzyva";

    public static async Task RunAsync(Table table, int events)
    {
        string directory = Directory.CreateTempSubdirectory("muniment-bench-").FullName;
        var generator = new EventGenerator(7);
        byte[][] bodies = [.. Enumerable.Range(0, 64).Select(_ => generator.LogsRequest(1000))];
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory);
        string key = await IngestBench.CreateKeyAsync(platform);
        using HttpClient client = platform.CreateClient();
        var load = new RawLoad(bodies, 1000, 4, "/v1/logs", "application/x-protobuf");
        Console.WriteLine($"filling with {events:#,0} events …");
        for (int third = 0; third < 3; third++)
        {
            load.Run(platform.OtlpHttp, key, TimeSpan.FromMinutes(5), events / 3);
            using HttpResponseMessage rare = await client.PostAsync("api/v1/events", new StringContent($$"""{"actor":"user:jo","action":"note.write","result":"success","target":"{{RareWord}} {{third}}"}""", null, "application/json"));
            rare.EnsureSuccessStatusCode();
        }

        long loaded = Stopwatch.GetTimestamp();
        while ((await client.GetFromJsonAsync("api/v1/sessions?limit=1")).GetProperty("folded_from").GetInt64() != 0)
        {
            // Each question drives the folding on for half a second.
        }

        table.Add("sessions counted whole, after the last event", Stopwatch.GetElapsedTime(loaded).TotalSeconds, "s");
        Console.WriteLine("waiting for sealing …");
        await IngestBench.SealedAsync(platform, TimeSpan.FromMinutes(5));
        string common = CommonWord(await client.GetFromJsonAsync("api/v1/events?limit=200"));
        var random = new Random(5);
        string[] correlations = [.. load.Correlations.OrderBy(_ => random.Next()).Take(750)];

        // A platform that has run for a while: its code is compiled for speed, its filters are in memory. The first look for a word is a row of its own.
        await MeasureAsync(client, [.. correlations.Skip(250).Select(c => "api/v1/events?correlation=" + c)], 1);
        double first = await MeasureAsync(client, ["api/v1/events?q=" + RareWord], 3);
        await MeasureAsync(client, [.. Enumerable.Repeat("api/v1/events?q=" + RareWord, 50)], 3);
        await MeasureAsync(client, [.. Enumerable.Repeat("api/v1/events?limit=100&q=" + common, 50)], 100);

        table.AddMost("a correlation, p99 of 250", await MeasureAsync(client, [.. correlations.Take(250).Select(c => "api/v1/events?correlation=" + c)], 1), "ms", 25);
        table.AddMost("a rare word, p99 of 100", await MeasureAsync(client, [.. Enumerable.Repeat("api/v1/events?q=" + RareWord, 100)], 3), "ms", 50);
        table.Add("  the first one", first, "ms");
        table.AddMost($"newest 100 of a common word ({common}), p99 of 100", await MeasureAsync(client, [.. Enumerable.Repeat("api/v1/events?limit=100&q=" + common, 100)], 100), "ms", 20);
        await platform.KillAsync();
        Directory.Delete(directory, recursive: true);
    }

    private static async Task<JsonElement> GetFromJsonAsync(this HttpClient client, string path)
    {
        using HttpResponseMessage response = await client.GetAsync(path);
        string body = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? JsonDocument.Parse(body).RootElement : throw new InvalidOperationException($"{path}: {(int)response.StatusCode} {body}");
    }

    private static async Task<double> MeasureAsync(HttpClient client, IReadOnlyList<string> paths, int atLeast)
    {
        var times = new List<double>();
        foreach (string path in paths)
        {
            long started = Stopwatch.GetTimestamp();
            using HttpResponseMessage response = await client.GetAsync(path);
            byte[] body = await response.Content.ReadAsByteArrayAsync();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            using JsonDocument answer = JsonDocument.Parse(body);
            int found = answer.RootElement.GetProperty("items").GetArrayLength();
            if (found < atLeast)
            {
                throw new InvalidOperationException($"{path} found {found}, at least {atLeast} are there");
            }
        }

        times.Sort();
        return times[Math.Min(times.Count - 1, (int)(times.Count * 0.99))];
    }

    private static string CommonWord(JsonElement page) => page.GetProperty("items").EnumerateArray()
        .Where(e => e.TryGetProperty("details", out JsonElement d) && d.TryGetProperty("body", out _))
        .SelectMany(e => e.GetProperty("details").GetProperty("body").ToString().Split(' ', '"', ':', '{', '}').Where(w => w.Length >= 4 && w.All(char.IsAsciiLetter) && w != "stringValue").Distinct())
        .GroupBy(w => w).MaxBy(g => g.Count())!.Key;
}
