using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Muniment.Gateway.Hosting;

namespace Muniment.Host;

/// <summary>Where the three listeners really are, after port 0 was chosen.</summary>
internal sealed record Addresses(string Http, string OtlpGrpc, string OtlpHttp)
{
    /// <summary>The three ports.</summary>
    public IReadOnlyList<int> Ports => [new Uri(Http).Port, new Uri(OtlpGrpc).Port, new Uri(OtlpHttp).Port];

    public static Addresses Of(WebApplication app, GatewayOptions options)
    {
        // Kestrel keeps the order in which the ports were opened: http, otlp-grpc, otlp-http.
        string[] bound = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
        string scheme = options.TlsCert is null ? "http" : "https";
        string host = options.Bind is "0.0.0.0" or "*" or "::" ? "127.0.0.1" : options.Bind == "::1" ? "[::1]" : options.Bind;
        return new Addresses(At(0), At(1), At(2));

        string At(int index) => $"{scheme}://{host}:{new Uri(bound[index].Replace("+", "localhost").Replace("*", "localhost")).Port}";
    }
}
