using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Tests.Hosting;

public sealed class TlsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("muniment-tls").FullName;

    [Fact]
    public async Task All_ports_speak_TLS_and_a_new_certificate_is_taken_without_a_restart()
    {
        var time = new ManualTime();
        string first = Write(2026);
        await using Door door = await Door.OpenAsync(time: time, settings: [("Gateway:TlsCert", Cert), ("Gateway:TlsKey", Key)]);
        foreach ((Uri at, SslApplicationProtocol protocol) in new[]
        {
            (door.Http, SslApplicationProtocol.Http11), (door.OtlpHttp, SslApplicationProtocol.Http2), (door.OtlpGrpc, SslApplicationProtocol.Http2),
        })
        {
            Assert.Equal("https", at.Scheme);
            Assert.Equal((first, protocol), await Handshake(at, protocol, SslProtocols.None));
        }

        string second = Write(2027);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(second, (await Handshake(door.Http, SslApplicationProtocol.Http11, SslProtocols.None)).Thumbprint);

        await File.WriteAllTextAsync(Key, "broken");
        File.SetLastWriteTimeUtc(Key, new DateTime(2028, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(second, (await Handshake(door.Http, SslApplicationProtocol.Http11, SslProtocols.None)).Thumbprint);
    }

    [Fact]
    public async Task TLS_below_1_2_is_refused()
    {
        Write(2026);
        await using Door door = await Door.OpenAsync(settings: [("Gateway:TlsCert", Cert), ("Gateway:TlsKey", Key)]);
        await Handshake(door.Http, SslApplicationProtocol.Http11, SslProtocols.Tls12);
#pragma warning disable SYSLIB0039, CA5397
        await Assert.ThrowsAnyAsync<Exception>(() => Handshake(door.Http, SslApplicationProtocol.Http11, SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397
    }

    [Theory]
    [InlineData("127.0.0.1", false, false, false, null)]
    [InlineData("::1", false, false, false, null)]
    [InlineData("localhost", false, false, true, null)]
    [InlineData("0.0.0.0", false, false, false, "--insecure-http")]
    [InlineData("0.0.0.0", true, false, false, null)]
    [InlineData("0.0.0.0", false, true, false, null)]
    [InlineData("10.0.0.1", true, false, true, "--anonymous-ingest")]
    [InlineData("nowhere", false, false, false, "--bind nowhere")]
    public void Beyond_loopback_clear_text_is_refused_in_one_sentence(string bind, bool tls, bool insecure, bool anonymous, string? names)
    {
        string? refusal = ListenerSafety.Refuse(new GatewayOptions
        {
            Bind = bind, TlsCert = tls ? "c" : null, TlsKey = tls ? "k" : null, InsecureHttp = insecure, AnonymousIngest = anonymous,
        });
        if (names is null)
        {
            Assert.Null(refusal);
        }
        else
        {
            Assert.Contains(names, refusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_certificate_that_cannot_be_used_is_refused_with_its_flag()
    {
        Write(2021);
        Assert.Null(ListenerSafety.RefuseCertificate(new GatewayOptions { TlsCert = Cert, TlsKey = Key }));
        Assert.StartsWith("--tls-key " + Key + ".gone", ListenerSafety.RefuseCertificate(new GatewayOptions { TlsCert = Cert, TlsKey = Key + ".gone" }), StringComparison.Ordinal);
        File.WriteAllText(Cert, "no certificate");
        Assert.StartsWith("--tls-cert " + Cert, ListenerSafety.RefuseCertificate(new GatewayOptions { TlsCert = Cert, TlsKey = Key }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_named_with_its_flag()
    {
        await using Door door = await Door.OpenAsync();
        IOException e = await Assert.ThrowsAsync<IOException>(() => Door.OpenAsync(settings: ("Gateway:OtlpHttp", door.OtlpHttp.Port.ToString())));
        string sentence = ListenerSafety.PortInUse(new GatewayOptions { OtlpHttp = door.OtlpHttp.Port }, e);
        Assert.Contains($"--otlp-http {door.OtlpHttp.Port}", sentence, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string Cert => Path.Combine(_directory, "cert.pem");

    private string Key => Path.Combine(_directory, "key.pem");

    private string Write(int year)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2099, 1, 1, 0, 0, 0, TimeSpan.Zero));
        File.WriteAllText(Cert, certificate.ExportCertificatePem());
        File.WriteAllText(Key, key.ExportPkcs8PrivateKeyPem());
        foreach (string file in new[] { Cert, Key })
        {
            File.SetLastWriteTimeUtc(file, new DateTime(year, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        return certificate.Thumbprint;
    }

    private static async Task<(string Thumbprint, SslApplicationProtocol Protocol)> Handshake(Uri at, SslApplicationProtocol protocol, SslProtocols versions)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, at.Port);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            EnabledSslProtocols = versions,
            ApplicationProtocols = [protocol],
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        });
        return (((X509Certificate2)tls.RemoteCertificate!).Thumbprint, tls.NegotiatedApplicationProtocol);
    }
}
