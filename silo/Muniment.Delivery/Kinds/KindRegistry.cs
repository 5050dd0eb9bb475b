using System.Collections.Immutable;
using Muniment.Delivery.Kinds.Datadog;
using Muniment.Delivery.Kinds.Elastic;
using Muniment.Delivery.Kinds.LocalFile;
using Muniment.Delivery.Kinds.OtlpHttp;
using Muniment.Delivery.Kinds.Sentinel;
using Muniment.Delivery.Kinds.SplunkHec;
using Muniment.Delivery.Kinds.Webhook;

namespace Muniment.Delivery.Kinds;

/// <summary>The kinds that are built.</summary>
public sealed class KindRegistry(IEnumerable<IDestinationKind> kinds)
{
    /// <summary>Kinds of the contract that are not built yet.</summary>
    public static readonly ImmutableArray<string> Planned =
        ["otlp_grpc", "s3", "chronicle", "loki", "prometheus_rw", "newrelic", "syslog", "event_hubs", "kafka_rest", "pubsub"];

    private readonly ImmutableArray<IDestinationKind> _kinds = [.. kinds];

    /// <summary>All of them.</summary>
    public static KindRegistry Default { get; } = new([new SplunkHecKind(), new OtlpHttpKind(), new FileKind(), new ElasticKind(), new WebhookKind(), new DatadogKind(), new SentinelKind()]);

    /// <summary>Their names.</summary>
    public IEnumerable<string> Names => _kinds.Select(k => k.Name);

    /// <summary>One by name, or null.</summary>
    public IDestinationKind? Find(string name) => _kinds.FirstOrDefault(k => k.Name == name);
}
