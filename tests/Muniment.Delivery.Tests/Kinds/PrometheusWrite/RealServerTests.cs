using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Muniment.Delivery.Running;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.PrometheusWrite;

/// <summary>Prometheus and VictoriaMetrics as Debian packages them. PROMETHEUS_ROOT names a folder into which the packages were unpacked (dpkg -x), where they are not installed.</summary>
public sealed class RealServerTests : IDisposable
{
    private static readonly string Root = Environment.GetEnvironmentVariable("PROMETHEUS_ROOT") ?? "";
    private readonly string _folder = Directory.CreateTempSubdirectory("muniment-metrics-").FullName;
    private readonly FakeSource _source = new() { BlockSize = 100 };
    private readonly List<string> _said = [];
    private Process? _process;

    public void Dispose()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [SkippableFact]
    public async Task Prometheus_stores_what_is_written_and_refuses_what_is_late_as_we_read_it()
    {
        Uri server = await StartAsync("prometheus", port => ["--config.file=" + Configuration(), "--storage.tsdb.path=" + _folder, "--web.enable-remote-write-receiver", $"--web.listen-address=127.0.0.1:{port}"], "-/ready");
        await DeliverAndAskAsync(server);

        // A late sample among good ones: Prometheus answers 400 with words that the kind knows, and only that one becomes a dead letter.
        ulong now = Now();
        _source.Add(MetricBuilder.Stored(MetricBuilder.Sum("late", 2, "a", now)));
        await KindBench.DeliverAsync(Json(server), _source);
        FakeSource more = new();
        more.Add(MetricBuilder.Stored(MetricBuilder.Sum("fresh", 1, "a", now)));
        more.Add(MetricBuilder.Stored(MetricBuilder.Sum("late", 1, "a", now - 60_000_000_000)));
        more.Add(MetricBuilder.Stored(MetricBuilder.Sum("fresh", 1, "b", now)));
        DestinationStatus status = await KindBench.DeliverAsync(Json(server), more);
        Assert.Equal((2L, 1), (status.Delivered, status.DeadLetters));
    }

    [SkippableFact]
    public async Task VictoriaMetrics_stores_what_is_written() =>
        await DeliverAndAskAsync(await StartAsync("victoria-metrics", port => ["-storageDataPath=" + _folder, $"-httpListenAddr=127.0.0.1:{port}", "-search.latencyOffset=0s", "-search.disableCache"], "health"));

    private async Task DeliverAndAskAsync(Uri server)
    {
        ulong now = Now();
        for (int i = 0; i < 300; i++)
        {
            _source.Add(MetricBuilder.Stored(MetricBuilder.Sum("agent.turns", i, "k" + (i % 100).ToString(CultureInfo.InvariantCulture), now - (ulong)(300 - i) * 100_000_000)));
        }

        DestinationStatus status = await KindBench.DeliverAsync(Json(server), _source);
        Assert.Equal((300L, 0), (status.Delivered, status.DeadLetters));
        Assert.Equal("24950", await AskAsync(server, "sum(agent_turns_total{job=\"ns/svc\"})", "24950")); // of each of 100 series the newest: 200 + … + 299
        TestReport report = await KindBench.TestAsync(Json(server));
        Assert.Equal(("send", true), (report.Steps[4].Step, report.Steps[4].Ok));
    }

    private async Task<string?> AskAsync(Uri server, string query, string wanted)
    {
        using HttpClient client = new();
        using CancellationTokenSource limit = new(Fixtures.Patience);
        string? value = null;
        while (value != wanted && !limit.IsCancellationRequested)
        {
            using JsonDocument answer = JsonDocument.Parse(await client.GetStringAsync(new Uri(server, "api/v1/query?query=" + Uri.EscapeDataString(query)), CancellationToken.None));
            JsonElement result = answer.RootElement.GetProperty("data").GetProperty("result");
            value = result.GetArrayLength() == 0 ? null : result[0].GetProperty("value")[1].GetString();
            await Task.Delay(100, CancellationToken.None);
        }

        return value;
    }

    private async Task<Uri> StartAsync(string name, Func<int, string[]> arguments, string ready)
    {
        string file = Root + "/usr/bin/" + name;
        Skip.IfNot(File.Exists(file), $"{file} is not there (apt-get install {name}, or unpack it and set PROMETHEUS_ROOT)");
        int port = FreePort();
        ProcessStartInfo start = new(file, arguments(port)) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = _folder };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, line) => Said(line.Data);
        _process.OutputDataReceived += (_, line) => Said(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        Uri server = new($"http://127.0.0.1:{port}/");
        using HttpClient client = new();
        using CancellationTokenSource limit = new(Fixtures.Patience);
        while (true)
        {
            try
            {
                if ((await client.GetAsync(new Uri(server, ready), limit.Token)).IsSuccessStatusCode)
                {
                    return server;
                }
            }
            catch (HttpRequestException)
            {
                Assert.False(_process.HasExited, string.Join('\n', _said));
            }

            await Task.Delay(50, limit.Token);
        }
    }

    private void Said(string? line)
    {
        lock (_said)
        {
            _said.Add(line ?? "");
        }
    }

    private string Configuration()
    {
        string path = Path.Combine(_folder, "prometheus.yml");
        File.WriteAllText(path, "global: {}\n");
        return path;
    }

    /// <summary>These servers cannot be told to choose a port and say which.</summary>
    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static ulong Now() => (ulong)(TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    private static string Json(Uri server) => $$"""{"id":"d","kind":"prometheus_rw","endpoint":"{{server}}api/v1/write"}""";
}
