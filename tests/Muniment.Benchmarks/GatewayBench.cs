using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Muniment.Testing;
using Muniment.Testing.Upstreams;

namespace Muniment.Benchmarks;

/// <summary>
/// What a call costs through the gateway with a policy (model list, budget, all detectors both ways) and the durable record, beside the same calls straight to the same fake upstream. CPU is the
/// platform's process alone, journal included.
/// </summary>
internal static class GatewayBench
{
    private const int Connections = 16;
    private const int Slices = 5;
    private const int WarmRound = 2000;
    private const int MaxWarmRounds = 40;
    private const int WarmMethods = 20; // compiled in a round of warming up: what is left are rare paths
    private const string Compiled = "dotnet_jit_compiled_methods_total";
    private const string Commits = "muniment_journal_transactions_total";
    private const string Policy = """
        rules:
          - { id: models, on: [model.invoke], when: { model.requested|startswith: [forbidden, old] }, then: deny }
          - { id: secrets, on: [model.invoke, model.respond], detect: [default], then: redact }
        limits: [{ id: daily, per: key, tokens: 900000000000, window: 1d, then: deny }]
        """;

    /// <summary>Runs it, or one part of it: <c>plain</c> (with the peer) or <c>streams</c>.</summary>
    public static async Task RunAsync(Table table, int requests, string? only = null)
    {
        string directory = Directory.CreateTempSubdirectory("muniment-gateway-").FullName;
        await using FakeUpstream upstream = await FakeUpstream.StartAsync();
        upstream.Remembers = false;
        string words = string.Concat(Enumerable.Repeat("The quick brown fox looks at the ledger and writes a line. ", 40));
        upstream.Answer = new FakeAnswer { Text = words[..1000], Fragment = 8 };
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory);
        using HttpClient admin = platform.CreateClient();
        await PutAsync(admin, "upstreams/oai", $"{{\"kind\":\"openai\",\"base_url\":\"{upstream.Address}/v1\",\"credential\":\"{FakeUpstream.Key}\"}}", "application/json");
        await PutAsync(admin, "policies/guard", Policy, "application/yaml");
        using HttpResponseMessage made = await admin.PostAsJsonAsync("api/v1/keys", new { role = "agent" });
        string key = JsonDocument.Parse(await made.Content.ReadAsStringAsync()).RootElement.GetProperty("key").GetString()!;
        using HttpClient gateway = Client(new Uri(platform.Http, "llm/oai/v1/"), key);
        using HttpClient direct = Client(new Uri(upstream.Address + "/v1/"), FakeUpstream.Key);
        byte[] plain = Body(words[..850], streamed: false), streamed = Body(words[..850], streamed: true);

        // How fast this machine is at the moment: the same calls without the platform, once the generator is warm.
        using Process self = Process.GetCurrentProcess();
        await LoadAsync(direct, plain, requests);
        (double selfMs, _) = await MeasureAsync(self.Id, n => LoadAsync(direct, plain, n), requests);
        table.Add("CPU of the generator and the upstream for a direct request", selfMs, "ms");

        // What the runtime compiles while it warms up is a cost of starting, not of a request: it has its own row.
        (double coldMs, double warmSeconds) = await WarmAsync(platform, admin, n => LoadAsync(gateway, plain, n));
        table.Add($"CPU a request of the first {WarmRound} after the start", coldMs, "ms");
        table.Add("load until the runtime has compiled what it needs", warmSeconds, "s");
        double before = await CounterAsync(admin, Commits);
        (double cpuMs, double perSecond) = only is "streams"
            ? await MeasureAsync(platform.Id, n => LoadAsync(gateway, plain, n), requests)
            : await BesidePeerAsync(table, platform, upstream, gateway, plain, requests);
        table.Add("commits a request, each of which leaves two records", (await CounterAsync(admin, Commits) - before) / requests, "");
        table.AddMost($"CPU a request, plain, 16 connections, median of {Slices} runs", cpuMs, "ms", 0.35);
        table.Add("requests a second, upstream and generator beside it", perSecond, "/s");
        if (only is not "plain")
        {
            await StreamsAsync(table, platform, admin, upstream, gateway, direct, streamed, requests, cpuMs);
        }

        await platform.KillAsync();
        Directory.Delete(directory, recursive: true);
    }

    // The same calls to the same upstream, in turns, because the machine's speed changes within seconds: ours decides by a list of models and a budget, runs all detectors both ways and records durably;
    // the peer has one regular expression.
    private static async Task<(double CpuMs, double PerSecond)> BesidePeerAsync(Table table, PlatformProcess platform, FakeUpstream upstream, HttpClient gateway, byte[] plain, int requests)
    {
        (PortkeyPeer? peer, string? why) = await PortkeyPeer.StartAsync();
        if (peer is null)
        {
            Console.WriteLine($"  SKIPPED: {why}, so there is no peer in this run");
            return await MeasureAsync(platform.Id, n => LoadAsync(gateway, plain, n), requests);
        }

        await using (peer)
        {
            using HttpClient client = Client(peer.Address, FakeUpstream.Key);
            client.DefaultRequestHeaders.Add("x-portkey-config", PortkeyPeer.Config(upstream.Address));
            upstream.IsStrict = false;
            using (HttpResponseMessage refused = await client.SendAsync(Request(Body("forbidden-123456", streamed: false))))
            {
                if ((int)refused.StatusCode != 446)
                {
                    throw new InvalidOperationException($"the peer's guardrail does not work: {(int)refused.StatusCode} {await refused.Content.ReadAsStringAsync()}");
                }
            }

            int few = Math.Max(1000, requests / 4);
            await LoadAsync(client, plain, few);
            List<(double CpuMs, double PerSecond)> ours = [], theirs = [];
            using Process platformProcess = Process.GetProcessById(platform.Id);
            for (int i = 0; i < Slices; i++)
            {
                upstream.IsStrict = true;
                platformProcess.Refresh();
                TimeSpan before = platformProcess.TotalProcessorTime;
                (_, double perSecond) = await SliceAsync(platform.Id, n => LoadAsync(gateway, plain, n), requests / Slices);
                upstream.IsStrict = false;
                theirs.Add(await SliceAsync(peer.Id, n => LoadAsync(client, plain, n), few / Slices));

                // What the platform does with its records afterwards, while the peer has its turn, counts as its own.
                platformProcess.Refresh();
                ours.Add(((platformProcess.TotalProcessorTime - before).TotalMilliseconds / (requests / Slices), perSecond));
            }

            upstream.IsStrict = true;
            Print(ours);
            Print(theirs);
            table.Add("Portkey's gateway, requests a second", Median(theirs).PerSecond, "/s");
            double ratio = ours.Zip(theirs, (one, other) => other.CpuMs / one.CpuMs).Order().ElementAt(Slices / 2);
            table.Add("Portkey's gateway, one regex guardrail: CPU a request", Median(theirs).CpuMs, "ms", ratio, "ours, median of turns", 4);
            return Median(ours);
        }
    }

    private static async Task StreamsAsync(Table table, PlatformProcess platform, HttpClient admin, FakeUpstream upstream, HttpClient gateway, HttpClient direct, byte[] streamed, int requests, double cpuMs)
    {
        int frames = 0;
        int streams = Math.Max(200, requests / 8);
        await WarmAsync(platform, admin, n => LoadAsync(gateway, streamed, n / 10, count => frames = count));
        (double streamMs, _) = await MeasureAsync(platform.Id, n => LoadAsync(gateway, streamed, n), streams);
        double eventUs = (streamMs - cpuMs) * 1000 / Math.Max(1, frames);
        table.AddMost($"CPU a streamed event beyond a plain request, {frames} a stream", eventUs, "us", 3);

        await FirstTokensAsync(table, upstream, gateway, direct, streamed);
    }

    // An upstream's tokens come one after the other. Where all of them come at once, the client shares the cores with whoever makes and carries them, and much of what is measured is its own
    // turn. The limit is for both.
    private static async Task FirstTokensAsync(Table table, FakeUpstream upstream, HttpClient gateway, HttpClient direct, byte[] streamed)
    {
        FakeAnswer all = upstream.Answer, paced = all with { Text = all.Text[..64], FrameDelayMs = 2 };
        foreach ((FakeAnswer answer, string what) in ((FakeAnswer, string)[])[(paced, "tokens 2 ms apart"), (all, "all tokens at once")])
        {
            foreach (int delay in (int[])[20, 0])
            {
                upstream.Answer = answer with { DelayMs = delay };
                double beyond = await FirstByteAsync(gateway, streamed) - await FirstByteAsync(direct, streamed);
                string row = $"first token beyond direct, median, upstream {delay} ms, {what}";
                if (delay > 0)
                {
                    table.AddMost(row, beyond, "ms", 1);
                }
                else
                {
                    table.Add(row, beyond, "ms");
                }
            }
        }
    }

    // Rounds until hardly anything is compiled any more; the CPU of the first one, and how long all of them took.
    private static async Task<(double FirstMs, double Seconds)> WarmAsync(PlatformProcess platform, HttpClient admin, Func<int, Task> load)
    {
        double first = 0;
        var watch = Stopwatch.StartNew();
        double compiled = await CounterAsync(admin, Compiled);
        for (int round = 0; round < MaxWarmRounds; round++)
        {
            double cpu = (await MeasureAsync(platform.Id, load, WarmRound, slices: 1)).CpuMs;
            first = round == 0 ? cpu : first;
            double now = await CounterAsync(admin, Compiled);
            if (now - compiled < WarmMethods)
            {
                break;
            }

            compiled = now;
        }

        return (first, watch.Elapsed.TotalSeconds);
    }

    private static async Task<double> CounterAsync(HttpClient admin, string name)
    {
        string metrics = await admin.GetStringAsync("metrics");
        string line = metrics.Split('\n').Single(l => l.StartsWith(name + " ", StringComparison.Ordinal));
        return double.Parse(line[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }

    private static HttpClient Client(Uri at, string key)
    {
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = Connections }) { BaseAddress = at };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    private static byte[] Body(string text, bool streamed) => Encoding.UTF8.GetBytes(
        $"{{\"model\":\"gpt-4o\",\"stream\":{(streamed ? "true" : "false")},\"messages\":[{{\"role\":\"system\",\"content\":\"You help.\"}},{{\"role\":\"user\",\"content\":{JsonSerializer.Serialize(text)}}}]}}");

    private static HttpRequestMessage Request(byte[] body) =>
        new(HttpMethod.Post, "chat/completions") { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };

    private static async Task LoadAsync(HttpClient client, byte[] body, int requests, Action<int>? frames = null)
    {
        int left = requests;
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                using HttpRequestMessage request = Request(body);
                using HttpResponseMessage response = await client.SendAsync(request);
                byte[] answer = await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
                frames?.Invoke(answer.AsSpan().Count("\n\n"u8));
            }
        }));
    }

    // The median of some runs: one that something else on the machine disturbed does not count.
    private static async Task<(double CpuMs, double PerSecond)> MeasureAsync(int processId, Func<int, Task> load, int requests, int slices = Slices)
    {
        List<(double CpuMs, double PerSecond)> runs = [];
        for (int i = 0; i < slices; i++)
        {
            runs.Add(await SliceAsync(processId, load, requests / slices));
        }

        Print(runs);
        return Median(runs);
    }

    private static async Task<(double CpuMs, double PerSecond)> SliceAsync(int processId, Func<int, Task> load, int requests)
    {
        using Process process = Process.GetProcessById(processId);
        TimeSpan before = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        await load(requests);
        process.Refresh();
        return ((process.TotalProcessorTime - before).TotalMilliseconds / requests, requests / watch.Elapsed.TotalSeconds);
    }

    private static void Print(List<(double CpuMs, double PerSecond)> runs) =>
        Console.WriteLine("  runs, ms of CPU: " + string.Join(' ', runs.Select(run => run.CpuMs.ToString("0.000", CultureInfo.InvariantCulture))));

    private static (double CpuMs, double PerSecond) Median(List<(double CpuMs, double PerSecond)> runs) => runs.OrderBy(run => run.CpuMs).ElementAt(runs.Count / 2);

    private static async Task<double> FirstByteAsync(HttpClient client, byte[] body)
    {
        List<double> times = [];
        byte[] buffer = new byte[16];
        for (int i = 0; i < 120; i++)
        {
            using HttpRequestMessage request = Request(body);
            var watch = Stopwatch.StartNew();
            using HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using Stream stream = await response.Content.ReadAsStreamAsync();
            _ = await stream.ReadAsync(buffer);
            times.Add(watch.Elapsed.TotalMilliseconds);
            while (await stream.ReadAsync(new byte[8192]) > 0)
            {
            }
        }

        times.Sort();
        return times[times.Count / 2];
    }

    private static async Task PutAsync(HttpClient admin, string path, string body, string type)
    {
        using HttpResponseMessage response = await admin.PutAsync("api/v1/" + path, new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type)));
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync()}");
        }
    }
}
