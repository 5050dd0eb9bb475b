using Muniment.Gateway.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Muniment.Host;

/// <summary>
/// The platform's own traces, metrics and logs over OTLP, to <c>Telemetry:OtlpEndpoint</c> (off while it is empty). Its own receivers are refused as the
/// target: each export would make events, each event an export.
/// </summary>
internal sealed class Telemetry : IHostedService, IDisposable
{
    private static readonly string[] Sources = ["Muniment.*", "Microsoft.Orleans.*", "Microsoft.AspNetCore"];
    private static readonly string[] MeterNames = ["Muniment.*", "Microsoft.Orleans", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime"];
    private readonly TracerProvider traces;
    private readonly MeterProvider metrics;

    private Telemetry(Uri endpoint, OtlpExportProtocol protocol)
    {
        traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource()).AddSource(Sources).AddOtlpExporter(o => Set(o, endpoint, protocol, "traces")).Build();
        metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource()).AddMeter(MeterNames).AddOtlpExporter(o => Set(o, endpoint, protocol, "metrics")).Build();
    }

    /// <summary>One sentence when the endpoint cannot be used, or null.</summary>
    public static string? Refuse(IConfiguration configuration, GatewayOptions gateway)
    {
        if (configuration["Telemetry:OtlpEndpoint"] is not { Length: > 0 } text)
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            return $"Telemetry:OtlpEndpoint is {text}; expected an http or https URL.";
        }

        bool own = endpoint.IsLoopback && (endpoint.Port == gateway.OtlpGrpc || endpoint.Port == gateway.OtlpHttp || endpoint.Port == gateway.Http);
        return own ? $"Telemetry:OtlpEndpoint is {text}, this platform's own receiver; send its telemetry to another collector, else it would feed itself." : null;
    }

    public static void Add(WebApplicationBuilder builder)
    {
        if (builder.Configuration["Telemetry:OtlpEndpoint"] is not { Length: > 0 } text)
        {
            return;
        }

        var endpoint = new Uri(text);
        OtlpExportProtocol protocol = builder.Configuration["Telemetry:Protocol"] == "grpc" ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        builder.Services.AddSingleton<IHostedService>(_ => new Telemetry(endpoint, protocol));
        builder.Logging.AddOpenTelemetry(o =>
        {
            o.SetResourceBuilder(Resource());
            o.AddOtlpExporter(e => Set(e, endpoint, protocol, "logs"));
        });
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken)
    {
        traces.ForceFlush(2000);
        metrics.ForceFlush(2000);
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        traces.Dispose();
        metrics.Dispose();
    }

    private static ResourceBuilder Resource() => ResourceBuilder.CreateEmpty().AddService("muniment");

    private static void Set(OtlpExporterOptions options, Uri endpoint, OtlpExportProtocol protocol, string signal)
    {
        options.Protocol = protocol;
        options.Endpoint = protocol == OtlpExportProtocol.Grpc ? endpoint : new Uri(endpoint.AbsoluteUri.TrimEnd('/') + "/v1/" + signal);
    }
}
