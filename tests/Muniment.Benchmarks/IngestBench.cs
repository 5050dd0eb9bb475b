using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Muniment.TestData;
using Muniment.Testing;

namespace Muniment.Benchmarks;

/// <summary>Ingest beside what a discarding Kestrel endpoint reaches with the same bodies in the same run, and beside a SQLite table with four indexes.</summary>
internal static class IngestBench
{
    private const int Windows = 5;
    private const int Connections = 4;

    /// <summary>How long the sustained run takes unless told otherwise.</summary>
    public const int SustainedSeconds = 180;

    public static async Task RunAsync(Table table, bool sustained)
    {
        string directory = Directory.CreateTempSubdirectory("muniment-bench-").FullName;
        var generator = new EventGenerator(7);
        Console.WriteLine("making bodies …");
        byte[][] large = [.. Enumerable.Range(0, 64).Select(_ => generator.LogsRequest(1000))];
        byte[][] small = [.. Enumerable.Range(0, 1024).Select(_ => generator.LogsRequest(10))];
        byte[][] json = [.. Enumerable.Range(0, 32).Select(_ => generator.JsonArray(1000))];
        Console.WriteLine($"one event is {large.Average(b => b.Length) / 1000:0} bytes of protobuf, {json.Average(b => b.Length) / 1000:0} bytes of JSON");

        using Process discard = StartDiscard(out Uri discardHttp1, out _);
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory);
        string key = await CreateKeyAsync(platform);

        var otlp = new RawLoad(large, 1000, Connections, "/v1/logs", "application/x-protobuf");
        Console.WriteLine("warming up …");
        otlp.Run(platform.OtlpHttp, key, TimeSpan.FromSeconds(6));
        otlp.Run(discardHttp1, null, TimeSpan.FromSeconds(2));
        (double limit, LoadResult burst) = await InterleaveAsync(platform, () => otlp.Run(discardHttp1, null, TimeSpan.FromSeconds(2)), () => otlp.Run(platform.OtlpHttp, key, TimeSpan.FromSeconds(3)));
        table.Add("discard, HTTP/1.1, 1000-event bodies", limit, "ev/s");
        table.Add("ingest, HTTP/1.1, 1000-event OTLP bodies, burst", burst.PerSecond, "ev/s", burst.PerSecond / limit, "discard", 0.07);
        table.Add("  answer p50", burst.P50Ms, "ms");
        table.Add("  answer p99", burst.P99Ms, "ms");

        double rows = SqliteRows.Run(directory, Rows(), TimeSpan.FromSeconds(8));
        table.Add("SQLite, a row an event, four indexes", rows, "ev/s");
        table.Add("ingest against it", burst.PerSecond, "ev/s", burst.PerSecond / rows, "SQLite rows", 5);

        var tens = new RawLoad(small, 10, 64, "/v1/logs", "application/x-protobuf");
        (double tensLimit, LoadResult tensBurst) = await InterleaveAsync(platform, () => tens.Run(discardHttp1, null, TimeSpan.FromSeconds(1)), () => tens.Run(platform.OtlpHttp, key, TimeSpan.FromSeconds(2)), 3);
        table.Add("ingest, 10-event OTLP bodies, 64 connections", tensBurst.PerSecond, "ev/s", tensBurst.PerSecond / tensLimit, "discard");

        var array = new RawLoad(json, 1000, Connections, "/api/v1/events", "application/json");
        (double jsonLimit, LoadResult jsonBurst) = await InterleaveAsync(platform, () => array.Run(discardHttp1, null, TimeSpan.FromSeconds(1)), () => array.Run(platform.Http, key, TimeSpan.FromSeconds(2)), 3);
        table.Add("ingest, 1000-event canonical JSON arrays", jsonBurst.PerSecond, "ev/s", jsonBurst.PerSecond / jsonLimit, "discard");

        double grpc = await GrpcLoad.RunAsync(platform.OtlpGrpc, key, large, 1000, TimeSpan.FromSeconds(4));
        table.Add("ingest, OTLP/gRPC over h2c, 1000-event bodies", grpc, "ev/s", grpc / limit, "discard (HTTP/1.1)");
        await platform.KillAsync();
        Directory.Delete(directory, recursive: true);

        await GrowthAsync(table);
        if (sustained)
        {
            await SustainedAsync(table, otlp, discard, discardHttp1, SustainedSeconds);
        }
    }

    /// <summary>
    /// A fresh platform grows to 5 million events: rate at the end against the beginning, bytes on disk after sealing, memory. Before and after both windows the discarding endpoint has the machine
    /// alone, because that gives different rates from one minute to the next.
    /// </summary>
    public static async Task GrowthAsync(Table table)
    {
        var generator = new EventGenerator(7);
        byte[][] bodies = [.. Enumerable.Range(0, 64).Select(_ => generator.LogsRequest(1000))];
        var otlp = new RawLoad(bodies, 1000, Connections, "/v1/logs", "application/x-protobuf");
        using Process discard = StartDiscard(out Uri discardHttp1, out _);
        otlp.Run(discardHttp1, null, TimeSpan.FromSeconds(2));
        string directory = Directory.CreateTempSubdirectory("muniment-bench-").FullName;
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory);
        string key = await CreateKeyAsync(platform);
        otlp.Run(platform.OtlpHttp, key, TimeSpan.FromMinutes(5), 500_000);
        // Both windows begin with nothing left to seal, to fold or to give back, so that growth alone is compared.
        (LoadResult early, double earlyLimit) = await WindowAsync();
        otlp.Run(platform.OtlpHttp, key, TimeSpan.FromMinutes(5), 4_000_000);
        (LoadResult late, double lateLimit) = await WindowAsync();
        double earlyShare = early.PerSecond / earlyLimit, lateShare = late.PerSecond / lateLimit;
        table.Add("ingest at 0.5 to 1 million events", early.PerSecond, "ev/s", earlyShare, "discard");
        table.Add("ingest at 5 to 5.5 million events", late.PerSecond, "ev/s", lateShare, "discard");
        table.Add("  the one against the other", late.PerSecond, "ev/s", late.PerSecond / early.PerSecond, "the early one", 0.9);
        JsonElement journal = await SealedAsync(platform, TimeSpan.FromMinutes(4));
        await SettledAsync(directory);
        double size = journal.GetProperty("size").GetDouble();
        table.AddMost("bytes an event on disk after sealing", DirectoryBytes(directory) / size, "B", 120);
        table.AddMost("memory of the platform, peak", PeakMegabytes(platform.Id), "MB", 400);
        await platform.KillAsync();
        Directory.Delete(directory, recursive: true);

        async Task<(LoadResult Ingest, double Limit)> WindowAsync()
        {
            await SealedAsync(platform, TimeSpan.FromMinutes(4));
            await SettledAsync(directory);
            double before = Limit();
            LoadResult ingest = otlp.Run(platform.OtlpHttp, key, TimeSpan.FromMinutes(5), 500_000);
            return (ingest, (before + Limit()) / 2);
        }

        double Limit() => Alone(platform, () => otlp.Run(discardHttp1, null, TimeSpan.FromSeconds(2))).PerSecond;
    }

    /// <summary>The three minutes alone, beside the limit of the same run.</summary>
    public static async Task SustainedAsync(Table table, int seconds)
    {
        var generator = new EventGenerator(7);
        byte[][] bodies = [.. Enumerable.Range(0, 64).Select(_ => generator.LogsRequest(1000))];
        var otlp = new RawLoad(bodies, 1000, Connections, "/v1/logs", "application/x-protobuf");
        using Process discard = StartDiscard(out Uri discardHttp1, out _);
        otlp.Run(discardHttp1, null, TimeSpan.FromSeconds(2));
        await SustainedAsync(table, otlp, discard, discardHttp1, seconds);
    }

    /// <summary>
    /// Some time (three minutes) with sealing, dedup, authentication and one delivery that keeps up, to the discarding endpoint. In five parts, before each of which the endpoint alone
    /// is measured while the platform is stopped, so that it neither disturbs that nor catches up meanwhile: the machine gives different rates from one minute to the next.
    /// </summary>
    private static async Task SustainedAsync(Table table, RawLoad otlp, Process receiver, Uri collector, int seconds)
    {
        string directory = Directory.CreateTempSubdirectory("muniment-bench-").FullName;
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory);
        string key = await CreateKeyAsync(platform);
        using HttpClient admin = platform.CreateClient();
        using HttpResponseMessage created = await admin.PostAsJsonAsync("api/v1/destinations", new { id = "collector", kind = "otlp_http", endpoint = collector.AbsoluteUri, streams = new[] { "otel_logs" }, format = "otlp", start = "beginning" });
        created.EnsureSuccessStatusCode();
        using var server = Process.GetProcessById(platform.Id);
        using var self = Process.GetCurrentProcess();
        Process[] processes = [server, self, receiver];
        double[] used = new double[processes.Length];
        List<double> limits = [];
        List<LoadResult> parts = [];
        for (int i = 0; i < Windows; i++)
        {
            limits.Add(Alone(platform, () => otlp.Run(collector, null, TimeSpan.FromSeconds(2))).PerSecond);
            double[] before = [.. processes.Select(ProcessorMicroseconds)];
            parts.Add(otlp.Run(platform.OtlpHttp, key, TimeSpan.FromSeconds((double)seconds / Windows)));
            used = [.. used.Select((u, p) => u + ProcessorMicroseconds(processes[p]) - before[p])];
        }

        double limit = limits.Order().ElementAt(Windows / 2);
        LoadResult result = parts.OrderBy(part => part.PerSecond).ElementAt(Windows / 2);
        long events = parts.Sum(part => part.Events);
        JsonElement status = await admin.GetFromJsonAsync<JsonElement>("api/v1/destinations/collector/status");
        table.Add($"discard, HTTP/1.1, {limits.Min():N0} to {limits.Max():N0}", limit, "ev/s");
        table.Add($"ingest, {seconds} seconds, sealing and one delivery", result.PerSecond, "ev/s", result.PerSecond / limit, "discard", 0.04);
        table.Add("  answer p50", result.P50Ms, "ms");
        table.Add("  answer p99", result.P99Ms, "ms");
        JsonElement journal = (await admin.GetFromJsonAsync<JsonElement>("api/v1/health")).GetProperty("journal");
        table.Add("  not sealed yet", journal.GetProperty("size").GetDouble() - journal.GetProperty("sealed").GetDouble(), "events");
        table.Add("  the delivery lags", status.GetProperty("lag").GetProperty("events").GetDouble(), "events");
        table.Add("  processor time of the platform", used[0] / events, "us/event");
        table.Add("  processor time of the generator", used[1] / events, "us/event");
        table.Add("  processor time of the receiver", used[2] / events, "us/event");
        table.AddMost("  memory, peak", PeakMegabytes(platform.Id), "MB", 400);
        await platform.KillAsync();
        Directory.Delete(directory, recursive: true);
    }

    internal static double ProcessorMicroseconds(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime.TotalMicroseconds;
    }

    /// <summary>The limit and the platform in turns. Each burst begins when what the one before left is sealed, and the limit has the machine for itself.</summary>
    private static async Task<(double Limit, LoadResult Median)> InterleaveAsync(PlatformProcess platform, Func<LoadResult> limit, Func<LoadResult> measured, int windows = Windows)
    {
        var limits = new List<double>();
        var results = new List<LoadResult>();
        for (int i = 0; i < windows; i++)
        {
            await SealedAsync(platform, TimeSpan.FromMinutes(2));
            limits.Add(Alone(platform, limit).PerSecond);
            results.Add(measured());
        }

        return (limits.Order().ElementAt(windows / 2), results.OrderBy(r => r.PerSecond).ElementAt(windows / 2));
    }

    private static LoadResult Alone(PlatformProcess platform, Func<LoadResult> measured)
    {
        platform.Pause();
        try
        {
            return measured();
        }
        finally
        {
            platform.Continue();
        }
    }

    internal static Process StartDiscard(out Uri http1, out Uri http2)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, Path.GetFileName(Environment.ProcessPath) == "dotnet" ? [typeof(IngestBench).Assembly.Location, "discard"] : ["discard"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        Process process = Process.Start(start)!;
        string[] addresses = process.StandardOutput.ReadLine()!.Split(' ');
        (http1, http2) = (new Uri(addresses[0]), new Uri(addresses[1]));
        return process;
    }

    internal static async Task<string> CreateKeyAsync(PlatformProcess platform)
    {
        using HttpClient admin = platform.CreateClient();
        using HttpResponseMessage response = await admin.PostAsJsonAsync("api/v1/keys", new { role = "ingest", name = "bench" });
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("key").GetString()!;
    }

    /// <summary>Waits until all that is ripe is sealed.</summary>
    internal static async Task<JsonElement> SealedAsync(PlatformProcess platform, TimeSpan limit)
    {
        using HttpClient admin = platform.CreateClient();
        var watch = Stopwatch.StartNew();
        while (true)
        {
            JsonElement health = await admin.GetFromJsonAsync<JsonElement>("api/v1/health");
            JsonElement journal = health.GetProperty("journal");
            if (journal.GetProperty("size").GetInt64() - journal.GetProperty("sealed").GetInt64() < 8192)
            {
                return journal.Clone();
            }

            if (watch.Elapsed > limit)
            {
                throw new TimeoutException($"sealing did not catch up within {limit}: {journal}");
            }

            await Task.Delay(500);
        }
    }

    /// <summary>Space that the backlog took is given back in steps after sealing; waits until nothing has changed for three seconds.</summary>
    private static async Task SettledAsync(string directory)
    {
        long before = -1;
        for (int i = 0; i < 40 && DirectoryBytes(directory) != before; i++)
        {
            before = DirectoryBytes(directory);
            await Task.Delay(3000);
        }
    }

    internal static long DirectoryBytes(string directory) => new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => !f.FullName.Contains("/export/", StringComparison.Ordinal) && f.Name != "journal.reserve").Sum(f => f.Length);

    internal static double PeakMegabytes(int pid)
    {
        string line = File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmHWM", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]) / 1024;
    }

    private static IReadOnlyList<(string, string, string, string, long, byte[])> Rows()
    {
        var generator = new EventGenerator(11);
        var random = new Random(3);
        return [.. Enumerable.Range(0, 20_000).Select(i => (Guid.NewGuid().ToString(), $"user{random.Next(400):000}@example.com", random.Next(20) == 0 ? "deny" : "allow", $"policy-{random.Next(12)}", 1_790_000_000_000_000_000L + i, generator.LogRecord()))];
    }
}
