using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Muniment.Testing;

namespace Muniment.Benchmarks;

/// <summary>
/// Draining a backlog of 600-byte events to one HTTP receiver: ours to its HEC face, syslog-ng's reliable disk buffer → http() to the same process. Both fill
/// their backlog while nothing listens; the clock runs from the first request that arrives until the last event is counted. Three rounds in turns, medians: for ours everything is to
/// go out again, the peer begins anew. Ours in both orders: <c>strict</c> has one request in flight and the next one waits until the answer is stored; <c>relaxed</c> has several,
/// as the peer's two workers do. Both get the same lines of 600 bytes and send them uncompressed to the same sink. The peer sends each line as it is, 1,000 in a request (with 3,500 and
/// 7,000 it was slower, 0.6 of its rate, so this is its better side). Ours decrypts and decompresses sealed blocks and sends each event as the canonical event in an envelope with its id,
/// its number and its leaf hash (computed here), about twice the bytes, in requests that grow from 1 to 4 MB; each batch has a plan with the SHA-256 of its bytes before it is sent and a
/// receipt after, in synchronous commits. Figures are therefore events, not bytes. At last the platform is killed in mid-delivery and started: how long until the next request arrives, counted from the start of the process.
/// </summary>
internal static class DeliveryBench
{
    /// <summary>Events of the backlog unless <c>--events</c> says otherwise.</summary>
    public const int DefaultBacklog = 600_000;

    private const int EventBytes = 600;
    private const int PeerBacklog = 600_000;
    private const int Rounds = 3;
    private static readonly string[] Orders = ["strict", "relaxed"];

    public static async Task RunAsync(Table table, int backlog)
    {
        string directory = Directory.CreateTempSubdirectory("muniment-bench-").FullName;
        int port = FreePort();
        await using PlatformProcess platform = await PlatformProcess.StartAsync(directory);
        using HttpClient admin = platform.CreateClient();
        await FillAsync(platform, admin, port, backlog);
        Dictionary<string, List<Drained>> ours = Orders.ToDictionary(order => order, _ => new List<Drained>());
        List<Drained> peers = [];
        using (var sink = await Sink.StartAsync(port))
        {
            for (int round = 0; round < Rounds; round++)
            {
                foreach (string order in Orders)
                {
                    (long before, double asked) = await sink.AskAsync();
                    await PostAsync(admin, order, round == 0 ? "resume" : "rewind", new { seq = 0 }); // it was paused, or the wait after the last refused connection may be a minute long
                    ours[order].Add(await sink.DrainAsync(platform.Id, before, before == 0 ? 0 : asked, backlog));
                }

                if (await SyslogNgAsync(Math.Min(backlog, PeerBacklog)) is { } peer)
                {
                    peers.Add(peer);
                }
            }

            table.AddMost($"memory with a backlog of {backlog:N0} events, peak", IngestBench.PeakMegabytes(platform.Id), "MB", 400);
            table.AddMost("from the start of a killed process to its next delivery", await RestartAsync(platform, admin, sink, directory), "s", 3);
        }

        Directory.Delete(directory, recursive: true);
        if (peers.Count > 0)
        {
            AddRows(table, "syslog-ng, reliable disk buffer → http()", peers, null);
        }
        else
        {
            Console.WriteLine("SKIPPED: syslog-ng is not installed (apt-get install syslog-ng-core syslog-ng-mod-http), so there is no peer in this run");
        }

        foreach (string order in Orders)
        {
            AddRows(table, $"draining a backlog to a HEC sink, {order}", ours[order], peers);
        }
    }

    private static void AddRows(Table table, string what, List<Drained> drains, List<Drained>? peers)
    {
        double rate = Median(drains, d => d.PerSecond);
        string name = $"{what} ({string.Join(", ", drains.Select(d => $"{d.PerSecond:N0}"))})";
        if (peers is { Count: > 0 })
        {
            table.Add(name, rate, "ev/s", rate / Median(peers, d => d.PerSecond), "syslog-ng", 0.8);
        }
        else
        {
            table.Add(name, rate, "ev/s");
        }

        table.Add("  processor time of the sender", Median(drains, d => d.SenderMicroseconds), "us/event");
        table.Add("  processor time of the receiver", Median(drains, d => d.SinkMicroseconds), "us/event");
        table.Add("  bytes of an event in the request's body", Median(drains, d => d.BodyBytes), "bytes");
    }

    private static async Task FillAsync(PlatformProcess platform, HttpClient admin, int port, int backlog)
    {
        foreach (string order in Orders)
        {
            using HttpResponseMessage created = await admin.PostAsJsonAsync("api/v1/destinations", new
            {
                id = order, kind = "splunk_hec", endpoint = $"http://127.0.0.1:{port}", credential = new { token = "00000000-0000-0000-0000-000000000000" },
                streams = new[] { "activity" }, format = "canonical", start = "beginning", order,
            });
            created.EnsureSuccessStatusCode();
            await PostAsync(admin, order, "pause", new { });
        }

        for (int sent = 0; sent < backlog; sent += 2000)
        {
            using var content = new ByteArrayContent(Events(sent, 2000));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            using HttpResponseMessage response = await admin.PostAsync("api/v1/events", content);
            response.EnsureSuccessStatusCode();
        }

        await IngestBench.SealedAsync(platform, TimeSpan.FromMinutes(5));
    }

    private static async Task PostAsync(HttpClient admin, string destination, string command, object body)
    {
        using HttpResponseMessage response = await admin.PostAsJsonAsync($"api/v1/destinations/{destination}/{command}", body);
        response.EnsureSuccessStatusCode();
    }

    private static double Median(List<Drained> drains, Func<Drained, double> value) => drains.Select(value).Order().ElementAt(drains.Count / 2);

    /// <summary>Rewinds to the beginning, kills in mid-delivery, starts again; seconds until the next request arrives.</summary>
    private static async Task<double> RestartAsync(PlatformProcess platform, HttpClient admin, Sink sink, string directory)
    {
        long before = await sink.CountAsync();
        await PostAsync(admin, "strict", "rewind", new { seq = 0 });
        await sink.UntilAsync(before + 20_000);
        await platform.KillAsync();
        await Task.Delay(200); // what was on its way when it was killed
        before = await sink.CountAsync();
        var clock = Stopwatch.StartNew();
        await using PlatformProcess again = await PlatformProcess.StartAsync(directory, waitUntilReady: false);
        await sink.UntilAsync(before + 1);
        double seconds = clock.Elapsed.TotalSeconds;
        await again.KillAsync();
        return seconds;
    }

    private static async Task<Drained?> SyslogNgAsync(int backlog)
    {
        if (!File.Exists("/usr/sbin/syslog-ng"))
        {
            return null;
        }

        string directory = Directory.CreateTempSubdirectory("muniment-bench-").FullName;
        int source = FreePort(), port = FreePort();
        await File.WriteAllTextAsync(Path.Combine(directory, "ng.conf"), $$"""
            @version: 3.38
            options { stats-freq(0); };
            source s { network(transport("tcp") ip("127.0.0.1") port({{source}}) flags(no-parse) log-iw-size(100000) log-fetch-limit(10000) max-connections(4)); };
            destination d { http(url("http://127.0.0.1:{{port}}/services/collector/event") method("POST") batch-lines(1000) batch-timeout(1000) workers(2) time-reopen(1)
                body("$MSG\n") disk-buffer(reliable(yes) disk-buf-size(4294967296) mem-buf-size(163840000) dir("{{directory}}"))); };
            log { source(s); destination(d); flags(flow-control); };
            """);
        using Process daemon = Process.Start(new ProcessStartInfo("/usr/sbin/syslog-ng", ["-F", "--no-caps", "-f", Path.Combine(directory, "ng.conf"), "-R", Path.Combine(directory, "persist"), "-c", Path.Combine(directory, "ctl"), "-p", Path.Combine(directory, "pid")]) { RedirectStandardError = true })!;
        try
        {
            using Socket socket = await ConnectAsync(source);
            for (int sent = 0; sent < backlog; sent += 2000)
            {
                await socket.SendAsync(Events(sent, 2000));
            }

            using var sink = await Sink.StartAsync(port);
            return await sink.DrainAsync(daemon.Id, 0, 0, backlog);
        }
        finally
        {
            daemon.Kill();
            await daemon.WaitForExitAsync();
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>One line each, about 600 bytes, with the marker once.</summary>
    private static byte[] Events(int from, int count)
    {
        var text = new StringBuilder(count * (EventBytes + 8));
        for (int i = from; i < from + count; i++)
        {
            int begin = text.Length;
            text.Append("{\"actor\":\"user:user").Append(i % 400).Append("@example.com\",\"action\":\"tool.call\",\"target\":\"repo-").Append(i % 90)
                .Append("\",\"result\":\"allowed\",\"trace\":\"").Append((i / 12).ToString("x32")).Append("\",\"number\":").Append(i).Append(",\"note\":\"").Append(CountingSink.Marker);
            for (int word = 0; text.Length - begin < EventBytes - 3; word++)
            {
                text.Append(' ').Append(((i * 31) + (word * 7919)) % 100_000);
            }

            text.Append("\"}\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<Socket> ConnectAsync(int port)
    {
        for (int attempt = 0; ; attempt++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return socket;
            }
            catch (SocketException) when (attempt < 100)
            {
                socket.Dispose();
                await Task.Delay(50);
            }
        }
    }

    /// <summary>One drain: events a second, and of an event the processor time on both sides and the bytes between them.</summary>
    private sealed record Drained(double PerSecond, double SenderMicroseconds, double SinkMicroseconds, double BodyBytes);

    /// <summary>The receiving process.</summary>
    private sealed class Sink(Process process) : IDisposable
    {
        private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

        public static async Task<Sink> StartAsync(int port)
        {
            string[] arguments = Path.GetFileName(Environment.ProcessPath) == "dotnet" ? [typeof(DeliveryBench).Assembly.Location, "sink", $"{port}"] : ["sink", $"{port}"];
            Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            await process.StandardOutput.ReadLineAsync();
            return new Sink(process);
        }

        /// <summary>Bytes of all bodies when it was last asked.</summary>
        private long Bytes { get; set; }

        public async Task<long> CountAsync() => (await AskAsync()).Count;

        /// <summary>Events a second until so many more are counted, from the last moment in which none of them was there; its clock begins with the first request of all.</summary>
        public async Task<Drained> DrainAsync(int sender, long before, double started, long backlog)
        {
            var limit = Stopwatch.StartNew();
            using var sending = Process.GetProcessById(sender);
            double sent = IngestBench.ProcessorMicroseconds(sending), received = IngestBench.ProcessorMicroseconds(process);
            (long count, double milliseconds, long bytes) = (before, started, Bytes);
            while (count <= before)
            {
                started = milliseconds;
                await Task.Delay(2);
                (count, milliseconds) = await AskAsync();
                milliseconds = count == 0 ? 0 : milliseconds;
                Check(limit, count, before);
            }

            (count, milliseconds) = await UntilAsync(before + backlog);
            sent = IngestBench.ProcessorMicroseconds(sending) - sent;
            received = IngestBench.ProcessorMicroseconds(process) - received;
            return new Drained((count - before) / ((milliseconds - started) / 1000), sent / (count - before), received / (count - before), (Bytes - bytes) / (double)(count - before));
        }

        /// <summary>Waits until so many are counted; when that was seen.</summary>
        public async Task<(long Count, double Milliseconds)> UntilAsync(long wanted)
        {
            var limit = Stopwatch.StartNew();
            while (true)
            {
                (long count, double milliseconds) = await AskAsync();
                if (count >= wanted)
                {
                    return (count, milliseconds);
                }

                await Task.Delay(10);
                Check(limit, count, wanted);
            }
        }

        public async Task<(long Count, double Milliseconds)> AskAsync()
        {
            await process.StandardInput.WriteLineAsync();
            string[] answer = (await process.StandardOutput.ReadLineAsync())!.Split(' ');
            Bytes = long.Parse(answer[2]);
            return (long.Parse(answer[0]), double.Parse(answer[1]));
        }

        public void Dispose()
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }

        private static void Check(Stopwatch limit, long count, long wanted)
        {
            if (limit.Elapsed > Limit)
            {
                throw new TimeoutException($"{count} of {wanted} events arrived within {Limit.TotalMinutes} minutes");
            }
        }
    }
}
