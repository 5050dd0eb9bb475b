using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.OAuth;

/// <summary>The authority of a destination vouches for that destination and for no login service elsewhere.</summary>
public sealed class LoginClientTests
{
    [Fact]
    public async Task The_destinations_authority_is_not_the_login_services()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.UseHttps(certificate)));
        await using WebApplication app = builder.Build();
        app.Run(context => context.Response.WriteAsync("token"));
        await app.StartAsync();
        Uri login = new($"https://localhost:{new Uri(app.Urls.First()).Port}/token");

        using HttpClient same = Context(login.GetLeftPart(UriPartial.Authority), certificate).CreateLoginClient(login);
        Assert.Equal("token", await same.GetStringAsync(login));
        using HttpClient other = Context("https://siem.example", certificate).CreateLoginClient(login);
        HttpRequestException refused = await Assert.ThrowsAsync<HttpRequestException>(() => other.GetStringAsync(login));
        Assert.IsType<AuthenticationException>(refused.InnerException);
    }

    private static SenderContext Context(string endpoint, X509Certificate2 authority)
    {
        string pem = JsonSerializer.Serialize(authority.ExportCertificatePem());
        DestinationConfig config = Fixtures.Config($$$"""{"id":"d","kind":"splunk_hec","endpoint":"{{{endpoint}}}","credential":{"token":"t"},"tls":{"ca_pem":{{{pem}}}}}""", out SecretBag secrets);
        return new SenderContext("acme", config, secrets, Fixtures.Http(), Path.GetTempPath(), TimeProvider.System);
    }
}
