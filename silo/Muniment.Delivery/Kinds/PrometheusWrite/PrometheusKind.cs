using System.Collections.Immutable;
using Muniment.Delivery.Configuration;

namespace Muniment.Delivery.Kinds.PrometheusWrite;

/// <summary>Metrics by Prometheus remote write 1.0. See <c>docs/siem/prometheus.md</c>.</summary>
internal sealed class PrometheusKind : IDestinationKind
{
    public string Name => "prometheus_rw";

    public EndpointForm Endpoint => EndpointForm.HttpUrl;

    public ImmutableArray<FieldRule> Options => [];

    public ImmutableArray<FieldRule> Credentials => Authorization.Rules;

    public ImmutableArray<string> Formats { get; } = ["otlp"];

    public bool CarriesRaw => true;

    public ImmutableArray<string> Streams { get; } = ["otel_metrics"];

    public BatchConfig Batch { get; } = new(MaxEvents: 500, MaxBytes: 1_000_000, MaxAgeMs: 500, InFlight: 1);

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) =>
        config.Strict ? Authorization.Check(secrets) : new ConfigError("order", "strict: a receiver refuses samples that are older than those it has of a series");

    public IEventRenderer CreateRenderer(RenderContext context) => new MetricRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new PrometheusSender(context);
}
