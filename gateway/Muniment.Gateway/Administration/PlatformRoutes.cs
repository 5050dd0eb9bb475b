using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Administration;

/// <summary><c>/version</c> and <c>/api/v1/setup/{agent}</c>.</summary>
internal sealed class PlatformRoutes(IServer server, IOptions<GatewayOptions> options)
{
    private static readonly string Version =
        typeof(PlatformRoutes).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/version", () => JsonAnswer.Ok(json =>
        {
            json.WriteString("name"u8, "muniment"u8);
            json.WriteString("version"u8, Version);
#if ORLEANS_LOCAL
            json.WriteString("orleans"u8, "local"u8);
#else
            json.WriteString("orleans"u8, "nuget"u8);
#endif
            json.WriteString("runtime"u8, System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription);
        })).Requires(Permission.Anyone);
        routes.MapGet("/api/v1/setup/{agent}", (Delegate)Setup).Requires(Permission.ReadConfiguration);
    }

    private IResult Setup(HttpContext context, string agent)
    {
        AgentSetup? setup = AgentSetup.For(agent, Address(context, 1, options.Value.OtlpGrpc), Address(context, 2, options.Value.OtlpHttp));
        return setup is null
            ? Problem.NotFound($"no setup for this agent; expected one of {string.Join(", ", AgentSetup.Agents)}")
            : JsonAnswer.Ok(json =>
            {
                json.WriteString("agent"u8, setup.Agent);
                json.WriteString("file"u8, setup.File);
                json.WriteString("text"u8, setup.Text);
                json.WriteString("notes"u8, setup.Notes);
            });
    }

    // By the name that the client knows us by; the ports are the bound ones, because 0 picks a free one. Addresses stand in the order of the listeners.
    private string Address(HttpContext context, int listener, int configured)
    {
        string[] bound = [.. server.Features.Get<IServerAddressesFeature>()?.Addresses ?? []];
        int port = bound.Length > listener && BindingAddress.Parse(bound[listener]).Port is > 0 and int actual ? actual : configured;
        return $"{(options.Value.TlsCert is null ? "http" : "https")}://{context.Request.Host.Host}:{port}";
    }
}
