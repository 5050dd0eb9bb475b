using Microsoft.AspNetCore.Builder;

namespace Muniment.Gateway.Access;

/// <summary>Endpoint metadata: the route belongs to destinations or retention, which <c>Access:ExportsAdminOnly=super_admin</c> narrows.</summary>
public sealed record ExportsMetadata;

/// <summary>Endpoint metadata: callers on this machine need no key (<c>/metrics</c>).</summary>
public sealed record OpenOnLoopbackMetadata;

/// <summary>What routes say beside their permission.</summary>
public static class RouteMetadataExtensions
{
    /// <summary>Marks a route of destinations or retention.</summary>
    public static TBuilder IsExport<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new ExportsMetadata());

    /// <summary>The route's permission counts beyond loopback only.</summary>
    public static TBuilder OpenOnLoopback<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new OpenOnLoopbackMetadata());
}
