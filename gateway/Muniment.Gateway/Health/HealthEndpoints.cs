using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Muniment.Gateway.Access;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Health;

/// <summary><c>/healthz</c>, <c>/readyz</c>, <c>/metrics</c>, <c>/api/v1/health</c>.</summary>
public static class HealthEndpoints
{
    /// <summary>Maps them.</summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("alive\n")).Requires(Permission.Anyone);
        routes.MapGet("/readyz", async (IReadiness readiness, CancellationToken cancellationToken) =>
            await readiness.WhyNotAsync(cancellationToken) is { } why
                ? Results.Text(why + "\n", statusCode: StatusCodes.Status503ServiceUnavailable)
                : Results.Text("ready\n")).Requires(Permission.Anyone);
        routes.MapGet("/metrics", (PrometheusMetrics metrics) => Results.Text(metrics.Render(), "text/plain; version=0.0.4; charset=utf-8"))
            .Requires(Permission.Prove).WithMetadata(new OpenOnLoopbackMetadata());
        routes.MapGet("/api/v1/health", HealthAsync).Requires(Permission.ReadEvents);
    }

    private static async Task<IResult> HealthAsync(HttpContext context, IReadiness readiness, IGrainFactory grains)
    {
        Caller caller = context.Caller();
        string? why = await readiness.WhyNotAsync(context.RequestAborted);
        JournalStatus status = await grains.GetGrain<IJournalGrain>(caller.Tenant.Value).GetStatus();
        IReadOnlyList<DestinationHealth> destinations = await DestinationHealth.AskAsync(grains, caller.Tenant.Value);
        return Results.Json(new
        {
            status = why is null ? "ready" : "not ready",
            reason = why,
            journal = new
            {
                size = status.Size,
                @sealed = status.SealedSize,
                epoch = status.Epoch,
                root = Convert.ToHexStringLower(status.Root.Span),
                queued_bytes = status.QueuedBytes,
            },
            lag = DestinationHealth.Worst(destinations),
            destinations,
        });
    }
}
