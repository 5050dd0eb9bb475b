using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway.Access;

/// <summary>How routes say who may call them, and handlers ask who does.</summary>
public static class AccessExtensions
{
    /// <summary>Names the one permission of a route. A route without it is refused at start.</summary>
    public static TBuilder Requires<TBuilder>(this TBuilder builder, Permission permission)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new RequiredPermission(permission));

    /// <summary>The authenticated caller. Only routes that require more than <see cref="Permission.Anyone"/> have one.</summary>
    public static Caller Caller(this HttpContext context) =>
        context.Features.Get<Caller>() ?? throw new InvalidOperationException("no caller: the route requires no permission");
}

/// <summary>Endpoint metadata: the permission of a route.</summary>
public sealed record RequiredPermission(Permission Permission);
