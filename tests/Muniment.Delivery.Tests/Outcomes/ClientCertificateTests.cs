using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.RegularExpressions;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Delivery.Tests.Kinds;

namespace Muniment.Delivery.Tests.Outcomes;

/// <summary>A destination that refuses the client certificate, played by <c>openssl s_server</c>, because servers of .NET break off without an alert. Over HTTP/2 with TLS 1.3 the alert comes too late to be seen.</summary>
public sealed class ClientCertificateTests
{
    [SkippableTheory]
    [InlineData("tls1_2", "otlp_http", """ "credential":{} """)]
    [InlineData("tls1_3", "otlp_http", """ "credential":{} """)]
    [InlineData("tls1_2", "otlp_grpc", """ "credential":{} """)]
    [InlineData("tls1_3", "webhook", """ "credential":{"secret":"whsec_Zmlyc3QtZmlyc3QtZmlyc3QtZmlyc3Qt"} """)]
    [InlineData("tls1_3", "s3", """ "credential":{"access_key_id":"a","secret_access_key":"b"},"options":{"bucket":"audit","path_style":true} """)]
    public async Task A_refused_client_certificate_is_a_refused_credential(string protocol, string kind, string members)
    {
        string folder = Directory.CreateTempSubdirectory("muniment-alert-").FullName;
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 server = Make(key, "localhost");
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 client = Make(other, "nobody");
        await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), server.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        using Process? openssl = Start(folder, protocol);
        Skip.If(openssl is null, "there is no openssl on this machine");
        try
        {
            using CancellationTokenSource limit = new(Fixtures.Patience);
            Match accepts = Match.Empty;
            while (!accepts.Success)
            {
                string? line = await openssl!.StandardOutput.ReadLineAsync(limit.Token);
                Skip.If(line is null, "this openssl has no server that takes port 0");
                accepts = Regex.Match(line!, "^ACCEPT .*:(\\d+)$");
            }

            _ = openssl!.StandardOutput.ReadToEndAsync(limit.Token);
            _ = openssl.StandardError.ReadToEndAsync(limit.Token);
            string json = $$$"""
                {"id":"d","kind":"{{{kind}}}","endpoint":"https://localhost:{{{accepts.Groups[1].Value}}}",{{{members}}},"tls":{"ca_pem":{{{JsonSerializer.Serialize(server.ExportCertificatePem())}}},
                "client_cert_pem":{{{JsonSerializer.Serialize(client.ExportCertificatePem())}}},"client_key_pem":{{{JsonSerializer.Serialize(other.ExportPkcs8PrivateKeyPem())}}}}}
                """;
            FakeSource source = new();
            source.Add();
            DeliveryOutcome outcome;
            do
            {
                outcome = await KindBench.SendAsync(json, source); // under TLS 1.3 a reset may come before the alert; asked again, it says why
            }
            while (outcome.Kind == OutcomeKind.RetryLater && !limit.IsCancellationRequested);

            Assert.Equal((OutcomeKind.CredentialRejected, ReasonCode.CredentialRejected), (outcome.Kind, outcome.Code));
            Assert.Contains("tls.client_cert_pem", outcome.Hint, StringComparison.Ordinal);
            TestReport report;
            do
            {
                report = await KindBench.TestAsync(json);
                Assert.False(report.Ok);
            }
            while (report.Steps[^1].Detail!.StartsWith("unreachable", StringComparison.Ordinal) && !limit.IsCancellationRequested);

            Assert.StartsWith("credential_rejected", report.Steps[^1].Detail, StringComparison.Ordinal);
        }
        finally
        {
            openssl!.Kill();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Process? Start(string folder, string protocol)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("openssl", ["s_server", "-accept", "127.0.0.1:0", "-cert", "cert.pem", "-key", "key.pem", "-Verify", "1", "-verify_return_error", "-" + protocol, "-alpn", "h2,http/1.1"])
            {
                WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
            });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static X509Certificate2 Make(ECDsa key, string name)
    {
        CertificateRequest request = new("CN=" + name, key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
