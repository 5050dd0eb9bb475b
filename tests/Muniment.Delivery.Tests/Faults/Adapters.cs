using Muniment.Delivery.Tests.Kinds.Chronicle;

namespace Muniment.Delivery.Tests.Faults;

/// <summary>The adapters of every kind, by name.</summary>
internal static class Adapters
{
    private static readonly Dictionary<string, Func<FaultAdapter>> All = new(StringComparer.Ordinal)
    {
        ["chronicle"] = () => new ChronicleAdapter(new StrictChronicle { LifeSeconds = FaultTable.TokenLifeSeconds }), ["datadog"] = () => new DatadogAdapter(), ["elastic"] = () => new ElasticAdapter(), ["event_hubs"] = () => new EventHubsAdapter(),
        ["file"] = () => new FileAdapter(), ["kafka_rest"] = () => new KafkaRestAdapter(), ["kafka_rest v3"] = () => new KafkaVersion3Adapter(), ["loki"] = () => new LokiAdapter(), ["newrelic"] = () => new NewRelicAdapter(),
        ["otlp_grpc"] = () => new OtlpGrpcAdapter(), ["otlp_http"] = () => new OtlpHttpAdapter(), ["prometheus_rw"] = () => new PrometheusAdapter(), ["pubsub"] = () => new PubSubAdapter(),
        ["s3"] = () => new S3Adapter(), ["sentinel"] = () => new SentinelAdapter(), ["splunk_hec"] = () => new SplunkHecAdapter(), ["syslog"] = () => new SyslogStreamAdapter(),
        ["syslog relp"] = () => new SyslogRelpAdapter(), ["webhook"] = () => new WebhookAdapter(),
    };

    public static IEnumerable<string> Names => All.Keys;

    public static FaultAdapter Make(string name) => All[name]();
}
