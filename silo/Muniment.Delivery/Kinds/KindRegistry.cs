using System.Collections.Immutable;
using Muniment.Delivery.Kinds.Chronicle;
using Muniment.Delivery.Kinds.Datadog;
using Muniment.Delivery.Kinds.Elastic;
using Muniment.Delivery.Kinds.EventHubs;
using Muniment.Delivery.Kinds.KafkaRest;
using Muniment.Delivery.Kinds.LocalFile;
using Muniment.Delivery.Kinds.Loki;
using Muniment.Delivery.Kinds.NewRelic;
using Muniment.Delivery.Kinds.OtlpGrpc;
using Muniment.Delivery.Kinds.OtlpHttp;
using Muniment.Delivery.Kinds.PrometheusWrite;
using Muniment.Delivery.Kinds.PubSub;
using Muniment.Delivery.Kinds.S3;
using Muniment.Delivery.Kinds.Sentinel;
using Muniment.Delivery.Kinds.SplunkHec;
using Muniment.Delivery.Kinds.Syslog;
using Muniment.Delivery.Kinds.Webhook;

namespace Muniment.Delivery.Kinds;

/// <summary>The kinds of the contract, all of them.</summary>
public sealed class KindRegistry(IEnumerable<IDestinationKind> kinds)
{
    private readonly ImmutableArray<IDestinationKind> _kinds = [.. kinds];

    /// <summary>All of them.</summary>
    public static KindRegistry Default { get; } = new(
    [
        new SplunkHecKind(),
        new OtlpHttpKind(),
        new OtlpGrpcKind(),
        new FileKind(),
        new ElasticKind(),
        new WebhookKind(),
        new DatadogKind(),
        new SentinelKind(),
        new SyslogKind(),
        new LokiKind(),
        new NewRelicKind(),
        new PrometheusKind(),
        new S3Kind(),
        new ChronicleKind(),
        new EventHubsKind(),
        new KafkaRestKind(),
        new PubSubKind(),
    ]);

    /// <summary>Their names.</summary>
    public IEnumerable<string> Names => _kinds.Select(k => k.Name);

    /// <summary>One by name, or null.</summary>
    public IDestinationKind? Find(string name) => _kinds.FirstOrDefault(k => k.Name == name);
}
