using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.Syslog;

/// <summary>
/// rsyslog and syslog-ng as they come with Debian. Skipped, saying so, where they are not installed. Debian lets only one of them be installed; the other can be unpacked
/// (<c>dpkg -x</c>) into a folder that the environment variable RSYSLOG_ROOT names (<c>/opt/rsyslog</c> without it).
/// </summary>
public sealed class RealReceiverTests : IAsyncLifetime
{
    private const int Events = 300;
    private static readonly string Root = Environment.GetEnvironmentVariable("RSYSLOG_ROOT") ?? (File.Exists("/usr/sbin/rsyslogd") ? "" : "/opt/rsyslog");

    private readonly string _folder = Directory.CreateTempSubdirectory("muniment-syslog-").FullName;
    private readonly FakeSource _source = new() { BlockSize = 100 };
    private Process? _process;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [SkippableTheory]
    [InlineData("tcp", "close")]
    [InlineData("tcp", "tcp")]
    [InlineData("tls", "close")]
    [InlineData("tls", "tcp")]
    [InlineData("relp", "close")]
    [InlineData("relp+tls", "close")]
    public async Task Rsyslog_writes_every_event(string transport, string confirm)
    {
        Skip.IfNot(File.Exists(Root + "/usr/sbin/rsyslogd") && Find("imtcp.so") is not null, "rsyslog is not installed (apt-get install rsyslog)");
        Skip.If(transport.StartsWith("relp", StringComparison.Ordinal) && Find("imrelp.so") is null, "rsyslog-relp is not installed");
        Skip.If(transport == "tls" && Find("lmnsd_ossl.so") is null, "rsyslog-openssl is not installed");
        int port = FreePort();
        (string? authority, string certificate, string key) = Certificate();
        string input = transport switch
        {
            "tcp" => $"module(load=\"imtcp\")\ninput(type=\"imtcp\" address=\"127.0.0.1\" port=\"{port}\")",
            "tls" => $"""
                global(DefaultNetstreamDriver="ossl" DefaultNetstreamDriverCAFile="{_folder}/ca.pem" DefaultNetstreamDriverCertFile="{certificate}" DefaultNetstreamDriverKeyFile="{key}")
                module(load="imtcp" StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
                input(type="imtcp" address="127.0.0.1" port="{port}")
                """,
            "relp" => $"module(load=\"imrelp\")\ninput(type=\"imrelp\" address=\"127.0.0.1\" port=\"{port}\" maxDataSize=\"64k\")",
            _ => $"module(load=\"imrelp\" tls.tlslib=\"openssl\")\ninput(type=\"imrelp\" address=\"127.0.0.1\" port=\"{port}\" tls=\"on\" tls.cacert=\"{_folder}/ca.pem\" tls.mycert=\"{certificate}\" tls.myprivkey=\"{key}\" tls.authmode=\"certvalid\")",
        };
        await File.WriteAllTextAsync(Path.Combine(_folder, "rsyslog.conf"), $"""
            global(workDirectory="{_folder}")
            {input}
            template(name="line" type="string" string="%structured-data%\t%msg%\n")
            action(type="omfile" file="{_folder}/out.log" template="line")
            """);
        Start(Root + "/usr/sbin/rsyslogd", "-M", Path.GetDirectoryName(Find("imtcp.so"))!, "-n", "-f", Path.Combine(_folder, "rsyslog.conf"), "-i", Path.Combine(_folder, "pid"));
        // certvalid asks for a certificate of ours: the same one serves
        string tls = authority is not null && transport is "tls" or "relp+tls"
            ? $",\"tls\":{JsonSerializer.Serialize(new Dictionary<string, string> { ["ca_pem"] = authority!, ["client_cert_pem"] = File.ReadAllText(certificate), ["client_key_pem"] = File.ReadAllText(key) })}"
            : "";
        await DeliverAsync($"{transport.Split('+')[0]}://{(tls.Length > 0 ? "localhost" : "127.0.0.1")}:{port}", port, $",\"options\":{{\"confirm\":\"{confirm}\"}}{tls}");
    }

    [SkippableTheory]
    [InlineData("tcp", "close")]
    [InlineData("tcp", "tcp")]
    [InlineData("tls", "close")]
    [InlineData("tls", "tcp")]
    public async Task Syslog_ng_writes_every_event(string transport, string confirm)
    {
        Skip.IfNot(File.Exists("/usr/sbin/syslog-ng"), "syslog-ng is not installed (apt-get install syslog-ng-core)");
        int port = FreePort();
        (string? authority, string certificate, string key) = Certificate();
        string tls = transport == "tls" ? $"tls(key-file(\"{key}\") cert-file(\"{certificate}\") peer-verify(optional-untrusted))" : "";
        await File.WriteAllTextAsync(Path.Combine(_folder, "ng.conf"), $$"""
            @version: 3.38
            source s { syslog(ip(127.0.0.1) port({{port}}) transport("{{transport}}") {{tls}}); };
            destination d { file("{{_folder}}/out.log" template("[muniment@32473 seq=\"${.SDATA.muniment@32473.seq}\"]\t${MESSAGE}\n")); };
            log { source(s); destination(d); };
            """);
        Start("/usr/sbin/syslog-ng", "-F", "--no-caps", "-f", Path.Combine(_folder, "ng.conf"), "-R", Path.Combine(_folder, "persist"), "-p", Path.Combine(_folder, "pid"), "-c", Path.Combine(_folder, "ctl"));
        string more = $",\"options\":{{\"confirm\":\"{confirm}\"}}" + (transport == "tls" ? $",\"tls\":{{\"ca_pem\":{JsonSerializer.Serialize(authority)}}}" : "");
        await DeliverAsync($"{transport}://{(transport == "tls" ? "localhost" : "127.0.0.1")}:{port}", port, more);
    }

    [SkippableTheory]
    [InlineData("close", "-tls1_3")]
    [InlineData("tcp", "-tls1_3")]
    public async Task A_missing_client_certificate_pauses(string confirm, string version)
    {
        Skip.IfNot(File.Exists("/usr/bin/openssl"), "openssl is not installed");
        int port = FreePort();
        (string authority, string certificate, string key) = Certificate();
        Start("/usr/bin/openssl", "s_server", "-accept", $"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-CAfile", certificate, "-Verify", "1", "-verify_return_error", "-quiet", version);
        await ListensAsync(port);
        _source.Add();
        // A slow clock, so that the sender waits long enough for the alert of a receiver that is starved.
        DeliveryServices services = Fixtures.Services(_source, new MemoryDestinationStore(), Path.GetTempPath(), new Faults.FastTime(0.05)) with { Random = () => 0 };
        await using DestinationRunner runner = await Fixtures.OpenAsync(services,
            $$"""{"id":"d","kind":"syslog","endpoint":"tls://localhost:{{port}}","options":{"confirm":"{{confirm}}"},"batch":{"max_age_ms":0},"tls":{"ca_pem":{{JsonSerializer.Serialize(authority)}} } }""");
        // A receiver under TLS 1.3 may reset the connection before its alert is read; asked again, it says why.
        DestinationStatus status = await runner.UntilAsync(s => s.State == Delivery.Machine.DeliveryCondition.Paused);
        Assert.Equal("credential_rejected", status.Reason!.Code);
        Assert.Contains("client_cert_pem", status.Reason.Hint, StringComparison.Ordinal);
        Assert.Equal(0, status.Delivered);
    }

    private Task ListensAsync(int port) => UntilAsync(() =>
    {
        using TcpClient probe = new();
        try
        {
            probe.Connect(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    });

    private async Task DeliverAsync(string endpoint, int port, string more)
    {
        await ListensAsync(port);
        _source.Add(Events - 1);
        _source.Add(extra: ",\"details\":{\"text\":\"é😀 ] \\\" \\\\ \\n |\"}");
        DeliveryServices services = Fixtures.Services(_source, new MemoryDestinationStore(), Path.GetTempPath());
        await using DestinationRunner runner = await Fixtures.OpenAsync(services, $$"""{"id":"d","kind":"syslog","endpoint":"{{endpoint}}","batch":{"max_events":50}{{more}}}""");
        DestinationStatus status = await runner.UntilAsync(s => s.Position == Events);
        Assert.Equal((Events, 0), (status.Delivered, status.DeadLetters));
        string path = Path.Combine(_folder, "out.log");
        await UntilAsync(() => File.Exists(path) && File.ReadAllLines(path).Count(l => l.Contains("muniment@32473", StringComparison.Ordinal)) >= Events);
        string[] lines = [.. File.ReadAllLines(path).Where(l => l.Contains("muniment@32473", StringComparison.Ordinal))];
        JsonElement[] read = [.. lines.Select(l => JsonSerializer.Deserialize<JsonElement>(l[(l.IndexOf('\t', StringComparison.Ordinal) + 1)..]))];
        Assert.Equal(Enumerable.Range(0, Events).Select(i => (long)i), read.Select(r => r.GetProperty("muniment").GetProperty("n").GetInt64()).Order());
        Assert.Contains(read, r => r.TryGetProperty("details", out JsonElement d) && d.TryGetProperty("text", out JsonElement t) && t.GetString() == "é😀 ] \" \\ \n |");
    }

    private void Start(string file, params string[] arguments) =>
        _process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, WorkingDirectory = _folder })!;

    private async Task UntilAsync(Func<bool> condition)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (_process!.HasExited || Stopwatch.GetElapsedTime(started) > Fixtures.Patience)
            {
                _process.Kill(entireProcessTree: true);
                throw new TimeoutException("the receiver said: " + await _process.StandardError.ReadToEndAsync());
            }

            await Task.Delay(20);
        }
    }

    private (string Authority, string CertificatePath, string KeyPath) Certificate()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        string pem = made.ExportCertificatePem();
        File.WriteAllText(Path.Combine(_folder, "ca.pem"), pem);
        File.WriteAllText(Path.Combine(_folder, "cert.pem"), pem);
        File.WriteAllText(Path.Combine(_folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        return (pem, Path.Combine(_folder, "cert.pem"), Path.Combine(_folder, "key.pem"));
    }

    private static string? Find(string module) => Directory.Exists(Root + "/usr/lib") ? Directory.EnumerateFiles(Root + "/usr/lib", module, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 3, IgnoreInaccessible = true }).FirstOrDefault() : null;

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
