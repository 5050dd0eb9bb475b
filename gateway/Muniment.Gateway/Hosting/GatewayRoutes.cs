using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Muniment.Gateway.Access;
using Muniment.Gateway.Administration;
using Muniment.Gateway.Ingest;

namespace Muniment.Gateway.Hosting;

/// <summary>The gateway's middleware and routes.</summary>
public static class GatewayRoutes
{
    /// <summary>
    /// Adds the middleware, in this order, and the door's own routes. The host maps further routes after it, each with <c>Requires</c>:
    /// <code>
    /// edge (framing, exceptions) → HEAD as GET → routing → listener (which port serves what) → access (who, may they) → endpoint
    /// </code>
    /// </summary>
    public static WebApplication MapMunimentGateway(this WebApplication app)
    {
        Use(app, app.Services.GetRequiredService<RequestEdge>().InvokeAsync);
        app.Use(next => context =>
        {
            HeadRequests.Rewrite(context);
            return next(context);
        });
        app.UseRouting();
        Use(app, app.Services.GetRequiredService<ListenerMiddleware>().InvokeAsync);
        AccessMiddleware access = app.Services.GetRequiredService<AccessMiddleware>();
        app.Use(next =>
        {
            // Runs when the pipeline is built, after all routes are mapped and before the first port opens.
            RouteAudit.Check(((IEndpointRouteBuilder)app).DataSources);
            return context => access.InvokeAsync(context, next);
        });
        app.MapReceivers();
        app.MapAdministration();
        return app;
    }

    private static void Use(WebApplication app, Func<HttpContext, RequestDelegate, Task> middleware) => app.Use(next => context => middleware(context, next));
}
