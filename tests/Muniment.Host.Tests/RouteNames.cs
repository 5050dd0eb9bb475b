using Microsoft.AspNetCore.Routing;

namespace Muniment.Host.Tests;

/// <summary>What routes are called in tests.</summary>
internal static class RouteNames
{
    public static string Name(RouteEndpoint route) => $"{route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Single() ?? "*"} {route.RoutePattern.RawText}";

    public static string Method(RouteEndpoint route) => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Single() ?? "POST";

    /// <summary>An address of the route, of things that are not there.</summary>
    public static string Path(RouteEndpoint route) =>
        route.RoutePattern.RawText!.Replace("{id}", "none").Replace("{scope}", "nonsense").Replace("{agent}", "none").Replace("{documentName}", "v1").Replace("{name}", "none").Replace("{upstream}", "none").Replace("{**path}", "v1/models").Replace("{version}", "1");
}
