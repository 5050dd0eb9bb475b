using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Muniment.EndToEnd.Tests;

/// <summary>The official .NET SDK with its own exporter as the client, over gRPC and HTTP.</summary>
public class OpenTelemetrySdkTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>
{
    [Theory]
    [InlineData(OtlpExportProtocol.Grpc)]
    [InlineData(OtlpExportProtocol.HttpProtobuf)]
    public async Task Logs_spans_and_metrics_of_the_official_SDK_arrive(OtlpExportProtocol protocol)
    {
        using HttpClient admin = fixture.Platform.CreateClient();
        string key = await admin.CreateKeyAsync(new { role = "ingest", name = "sdk" });
        string name = "sdk-" + protocol.ToString().ToLowerInvariant();
        void Options(OtlpExporterOptions options, string signal)
        {
            options.Protocol = protocol;
            options.Endpoint = protocol == OtlpExportProtocol.Grpc ? fixture.Platform.OtlpGrpc : new Uri(fixture.Platform.OtlpHttp, "v1/" + signal);
            options.Headers = "authorization=Bearer " + key;
            options.TimeoutMilliseconds = 120_000;
        }

        using var source = new ActivitySource(name);
        using var meter = new Meter(name);
        using (TracerProvider tracer = Sdk.CreateTracerProviderBuilder().AddSource(name).AddOtlpExporter(o => Options(o, "traces")).Build())
        using (MeterProvider metrics = Sdk.CreateMeterProviderBuilder().AddMeter(name).AddOtlpExporter(o => Options(o, "metrics")).Build())
        using (ILoggerFactory logs = LoggerFactory.Create(b => b.AddOpenTelemetry(o => o.AddOtlpExporter((e, processor) =>
        {
            Options(e, "logs");
            processor.ExportProcessorType = ExportProcessorType.Simple; // at once: what waits for the end is dropped after five seconds
        }))))
        {
            using (Activity activity = source.StartActivity("work " + name)!)
            {
                activity.SetTag("session.id", name);
                logs.CreateLogger(name).LogInformation("hello from {Name}", name);
            }

            meter.CreateCounter<long>(name + ".count").Add(3);
            Assert.True(tracer.ForceFlush(120_000));
            Assert.True(metrics.ForceFlush(120_000));
        }

        JsonElement span = Assert.Single(await admin.EventsAsync("session=" + name));
        Assert.Equal("span", span.GetProperty("signal").GetString());
        Assert.Equal("work " + name, span.GetProperty("action").GetString());
        JsonElement log = Assert.Single(await admin.EventsAsync($"signal=log&trace={span.GetProperty("trace").GetProperty("trace_id").GetString()}"));
        Assert.Contains(name, log.GetRawText());
        Assert.Contains(await admin.EventsAsync("signal=metric"), m => m.GetRawText().Contains(name + ".count"));
    }

    [SkippableTheory]
    [InlineData("logs.json", "logs")]
    [InlineData("events.json", "logs")]
    [InlineData("trace.json", "traces")]
    [InlineData("metrics.json", "metrics")]
    public async Task The_public_OTLP_examples_are_accepted_whole(string file, string signal)
    {
        string? path = Api.Shared(Path.Combine("vectors", "otlp", file));
        Skip.If(path is null, "the public OTLP examples are not beside this checkout");
        using HttpClient admin = fixture.Platform.CreateClient();
        await admin.PostOtlpAsync(fixture.Platform.OtlpHttp, signal, await File.ReadAllBytesAsync(path));
    }
}
