using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Muniment.Gateway.Query.Endpoints;

/// <summary>
/// The last segment of the path, decoded once. Routing leaves <c>%2F</c> as it is and an id may hold a slash, so the route's value cannot tell
/// <c>a%2Fb</c> from <c>a%252Fb</c>; the raw target can.
/// </summary>
internal static class PathSegment
{
    /// <summary>The id that the path names.</summary>
    public static string Last(HttpContext context)
    {
        string target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        int query = target.IndexOf('?', StringComparison.Ordinal);
        string path = (query < 0 ? target : target[..query]).TrimEnd('/');
        int slash = path.LastIndexOf('/');
        return slash < 0 ? (string)context.Request.RouteValues["id"]! : Uri.UnescapeDataString(path[(slash + 1)..]);
    }
}
