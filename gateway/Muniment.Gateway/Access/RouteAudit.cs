using Microsoft.AspNetCore.Routing;

namespace Muniment.Gateway.Access;

/// <summary>Looks through the whole route table before the first request: a route that names no permission would be open to all, so the gateway refuses to start.</summary>
public static class RouteAudit
{
    /// <summary>Routes without <see cref="AccessExtensions.Requires"/>, by their patterns.</summary>
    public static IReadOnlyList<string> Unprotected(IEnumerable<EndpointDataSource> sources) =>
        [.. sources.SelectMany(source => source.Endpoints)
            .Where(endpoint => endpoint.Metadata.GetMetadata<RequiredPermission>() is null)
            .Select(endpoint => endpoint is RouteEndpoint route ? route.RoutePattern.RawText ?? "/" : endpoint.DisplayName ?? "?")
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)];

    /// <summary>Throws when there is one.</summary>
    /// <exception cref="InvalidOperationException">Names the routes.</exception>
    public static void Check(IEnumerable<EndpointDataSource> sources)
    {
        IReadOnlyList<string> unprotected = Unprotected(sources);
        if (unprotected.Count > 0)
        {
            throw new InvalidOperationException($"routes without a permission: {string.Join(", ", unprotected)}; say .Requires(Permission.X), also for Anyone");
        }
    }
}
