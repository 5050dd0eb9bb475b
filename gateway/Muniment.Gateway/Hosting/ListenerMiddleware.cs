using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway.Hosting;

/// <summary>Serves a route only on its ports: what an agent's OTLP port can reach is OTLP, nothing else.</summary>
internal sealed class ListenerMiddleware
{
    private static readonly Refusal Elsewhere = new(RefusalKind.NotFound, "there is nothing at this address on this port");

    /// <summary>Runs the rest of the pipeline, or answers 404 (gRPC: UNIMPLEMENTED).</summary>
    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        Listener listener = context.Listener();
        Listener served = context.GetEndpoint()?.Metadata.GetMetadata<ServedOnMetadata>()?.Listeners ?? Listener.Http;
        if ((served & listener) != 0)
        {
            return next(context);
        }

        context.SetEndpoint(null);
        return RefusalWriter.WriteAsync(context, listener is Listener.OtlpGrpc ? Unimplemented(context) : Elsewhere);
    }

    private static Refusal Unimplemented(HttpContext context) => new(RefusalKind.NotFound, $"unknown service or method {context.Request.Path}");
}
