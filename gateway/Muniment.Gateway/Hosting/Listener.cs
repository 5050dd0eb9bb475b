using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway.Hosting;

/// <summary>The ports of the gateway. A route is served on <see cref="Http"/> alone unless it says otherwise.</summary>
[Flags]
public enum Listener
{
    /// <summary>REST API, console, HEC and, for convenience, OTLP/HTTP.</summary>
    Http = 1,
    /// <summary>OTLP/gRPC: HTTP/2 only.</summary>
    OtlpGrpc = 2,
    /// <summary>OTLP/HTTP.</summary>
    OtlpHttp = 4,
}

/// <summary>Connection feature: the port that a connection came in by.</summary>
internal sealed record ListenerFeature(Listener Listener);

/// <summary>Endpoint metadata: the ports of a route.</summary>
public sealed record ServedOnMetadata(Listener Listeners);

/// <summary>Puts and reads ports.</summary>
public static class ListenerExtensions
{
    /// <summary>Names the ports of a route.</summary>
    public static TBuilder ServedOn<TBuilder>(this TBuilder builder, Listener listeners)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new ServedOnMetadata(listeners));

    /// <summary>The port of this request. Servers without our listeners (a test server) count as <see cref="Listener.Http"/>.</summary>
    public static Listener Listener(this HttpContext context) => context.Features.Get<ListenerFeature>()?.Listener ?? Hosting.Listener.Http;
}
