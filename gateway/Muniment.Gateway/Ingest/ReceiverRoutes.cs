using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Muniment.Events.Otlp;
using Muniment.Gateway.Access;
using Muniment.Gateway.Administration;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Hec;
using Muniment.Gateway.Ingest.Json;
using Muniment.Gateway.Ingest.Opa;
using Muniment.Gateway.Ingest.Otlp;

namespace Muniment.Gateway.Ingest;

/// <summary>Routes of the receivers.</summary>
internal static class ReceiverRoutes
{
    private const string HecRoot = "/services/collector";

    private static readonly (string Path, string Service, OtlpSignal Signal)[] Signals =
    [
        ("logs", "LogsService", OtlpSignal.Logs),
        ("traces", "TraceService", OtlpSignal.Traces),
        ("metrics", "MetricsService", OtlpSignal.Metrics),
    ];

    public static void MapReceivers(this IEndpointRouteBuilder routes)
    {
        IServiceProvider services = routes.ServiceProvider;
        EventsReceiver events = services.GetRequiredService<EventsReceiver>();
        routes.MapPost("/api/v1/events", (Delegate)events.HandleAsync).Requires(Permission.Ingest).Produces(StatusCodes.Status202Accepted);
        routes.MapPost("/api/v1/opa/logs", (Delegate)services.GetRequiredService<OpaReceiver>().HandleAsync).Requires(Permission.Ingest);
        OtlpHttpReceiver http = services.GetRequiredService<OtlpHttpReceiver>();
        OtlpGrpcReceiver grpc = services.GetRequiredService<OtlpGrpcReceiver>();
        foreach ((string path, string service, OtlpSignal signal) in Signals)
        {
            // All methods: a wrong one is answered in the words of OTLP.
            routes.Map("/v1/" + path, context => http.HandleAsync(context, signal))
                .WithMetadata(new ReceiverMetadata($"OTLP/HTTP: {path}", [MediaTypes.Protobuf, MediaTypes.Json]))
                .Requires(Permission.Ingest).JudgesParameters().Speaks(Voice.Otlp).ServedOn(Listener.OtlpHttp | Listener.Http);
            routes.MapPost($"/opentelemetry.proto.collector.{path}.v1.{service}/Export".Replace(".traces.", ".trace.", StringComparison.Ordinal), context => grpc.HandleAsync(context, signal))
                .WithMetadata(new ReceiverMetadata($"OTLP/gRPC: {path}; served on its own port", ["application/grpc"]))
                .Requires(Permission.Ingest).JudgesParameters().Speaks(Voice.Grpc).ServedOn(Listener.OtlpGrpc);
        }

        MapHec(routes, services.GetRequiredService<HecReceiver>());
    }

    private static void MapHec(IEndpointRouteBuilder routes, HecReceiver hec)
    {
        foreach (string path in new[] { "", "/event", "/event/1.0" })
        {
            Post(routes, HecRoot + path, hec.EventAsync);
        }

        Post(routes, HecRoot + "/raw", hec.RawAsync);
        Post(routes, HecRoot + "/raw/1.0", hec.RawAsync);
        Post(routes, HecRoot + "/ack", hec.AckAsync);
        Post(routes, HecRoot + "/ack/1.0", hec.AckAsync);
        routes.MapGet(HecRoot + "/health", (Delegate)HecReceiver.HealthAsync).Requires(Permission.Ingest).JudgesParameters().Speaks(Voice.Hec);
        routes.MapGet(HecRoot + "/health/1.0", (Delegate)HecReceiver.HealthAsync).Requires(Permission.Ingest).JudgesParameters().Speaks(Voice.Hec);
    }

    private static void Post(IEndpointRouteBuilder routes, string path, Delegate handler) =>
        routes.MapPost(path, handler).Requires(Permission.Ingest).JudgesParameters().Speaks(Voice.Hec);
}
