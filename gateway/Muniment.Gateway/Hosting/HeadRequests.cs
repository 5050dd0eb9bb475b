using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway.Hosting;

/// <summary>
/// Answers HEAD as GET without its body (RFC 9110, 9.3.2), for load balancers and link checkers. Kestrel keeps the method that came over the wire and sends no
/// body for it, so the routes need not know. Answers without an end of their own are left out and stay 405.
/// </summary>
internal static class HeadRequests
{
    private static readonly PathString[] Streams = ["/api/v1/events/tail", "/api/v1/export"];

    /// <summary>Lets a HEAD be routed as a GET.</summary>
    public static void Rewrite(HttpContext context)
    {
        HttpRequest request = context.Request;
        if (HttpMethods.IsHead(request.Method) && !Streams.Any(stream => request.Path.StartsWithSegments(stream)))
        {
            request.Method = HttpMethods.Get;
        }
    }
}
