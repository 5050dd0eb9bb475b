using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Kinds.Syslog;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.Syslog;

/// <summary>The only credential of syslog: a client certificate (RFC 5425, 4.2).</summary>
public sealed class SyslogTlsTests
{
    [Theory]
    [InlineData("close", SslProtocols.Tls13)]
    [InlineData("tcp", SslProtocols.Tls13)]
    [InlineData("close", SslProtocols.Tls12)]
    public async Task A_receiver_that_breaks_off_without_a_word_has_not_taken_anything(string confirm, SslProtocols protocol)
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using CancellationTokenSource stop = new();
        Task server = Task.Run(async () =>
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(stop.Token);
                await using SslStream stream = new(client.GetStream());
                try
                {
                    await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
                    {
                        ServerCertificate = certificate, ClientCertificateRequired = true, EnabledSslProtocols = protocol, RemoteCertificateValidationCallback = (_, _, _, _) => false,
                    });
                }
                catch (Exception exception) when (exception is AuthenticationException or IOException)
                {
                    // as it should
                }
            }
        });
        string json = $$"""{"id":"d","kind":"syslog","endpoint":"tls://localhost:{{((IPEndPoint)listener.LocalEndpoint).Port}}","options":{"confirm":"{{confirm}}"},"tls":{"ca_pem":{{JsonSerializer.Serialize(certificate.ExportCertificatePem())}} } }""";
        DestinationConfig config = Fixtures.Config(json, out SecretBag secrets);
        FakeSource source = new();
        source.Add();
        using Batch batch = await Fixtures.Builder(source).BuildAsync(new BatchRequest { Selection = config, Shape = config, From = 0, To = 1, FirstN = 0, Epoch = 0 }, default);
        await using (IDestinationSender sender = new SyslogKind().CreateSender(new SenderContext("acme", config, secrets, Fixtures.Http(), Path.GetTempPath(), new ManualTime())))
        {
            // The clock stands, so that the sender waits for the alert however late it comes.
            DeliveryOutcome outcome = await sender.SendAsync(new BatchSlice(batch, 0, 0, 1), default);
            Assert.Equal((OutcomeKind.RetryLater, ReasonCode.Unreachable), (outcome.Kind, outcome.Code));
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server);
    }

    [Fact]
    public async Task A_receiver_that_closes_at_once_when_it_has_read_to_the_end_has_taken_everything()
    {
        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using CancellationTokenSource stop = new();
        Task server = Task.Run(async () =>
        {
            byte[] buffer = new byte[65536];
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(stop.Token);
                await using SslStream stream = new(client.GetStream());
                await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stop.Token);
                while (await stream.ReadAsync(buffer, stop.Token) > 0)
                {
                }

                await stream.ShutdownAsync();
            }
        });
        string json = $$"""{"id":"d","kind":"syslog","endpoint":"tls://localhost:{{((IPEndPoint)listener.LocalEndpoint).Port}}","options":{"confirm":"close"},"tls":{"ca_pem":{{JsonSerializer.Serialize(certificate.ExportCertificatePem())}} } }""";
        DestinationConfig config = Fixtures.Config(json, out SecretBag secrets);
        FakeSource source = new();
        source.Add(20);
        using Batch batch = await Fixtures.Builder(source).BuildAsync(new BatchRequest { Selection = config, Shape = config, From = 0, To = 20, FirstN = 0, Epoch = 0 }, default);
        await using (IDestinationSender sender = new SyslogKind().CreateSender(new SenderContext("acme", config, secrets, Fixtures.Http(), Path.GetTempPath(), TimeProvider.System)))
        {
            await sender.SendAsync(new BatchSlice(batch, 0, 0, 20), default); // the first compiles what the others run
            for (int i = 0; i < 100; i++)
            {
                DeliveryOutcome outcome = await sender.SendAsync(new BatchSlice(batch, 0, 0, 20), default);
                Assert.True(outcome.Kind == OutcomeKind.Delivered, $"{i}: {outcome.Message}"); // its end must not overtake ours, which the end inside TLS has told already
            }
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server);
    }

    [Theory]
    [InlineData("tcp", "tls")]
    [InlineData("tls", null)]
    [InlineData("relp", null)]
    public void Tls_settings_on_a_plain_connection_are_refused(string scheme, string? field)
    {
        using RSA key = RSA.Create(2048);
        using X509Certificate2 certificate = new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(1));
        Assert.Equal(field, KindBench.Refusal($$"""{"id":"d","kind":"syslog","endpoint":"{{scheme}}://h:6514","tls":{"ca_pem":{{JsonSerializer.Serialize(certificate.ExportCertificatePem())}} } }"""));
    }
}
