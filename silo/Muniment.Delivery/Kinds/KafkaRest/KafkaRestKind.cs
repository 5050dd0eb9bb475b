using System.Collections.Immutable;
using Muniment.Delivery.Configuration;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.KafkaRest;

/// <summary>Kafka through a REST proxy that speaks version 2 of Confluent's interface (Confluent, Karapace, Redpanda), or version 3, which wants a cluster. See <c>docs/siem/kafka_rest.md</c>.</summary>
internal sealed class KafkaRestKind : IDestinationKind
{
    public string Name => "kafka_rest";

    public EndpointForm Endpoint => EndpointForm.HttpBase;

    public ImmutableArray<FieldRule> Options { get; } =
    [
        new("topic", FieldForm.Text, Required: true, Check: (_, text) => text is not ("." or "..") && text.Length is > 0 and <= 249 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? null : "a topic name: 1 to 249 of A-Z a-z 0-9 . _ -"),
        new("cluster", FieldForm.Text, Check: FieldChecks.Segment(100)),
    ];

    public ImmutableArray<FieldRule> Credentials { get; } = [.. Authorization.Rules.Where(r => r.Name is "username" or "password")];

    public ImmutableArray<string> Formats => EventFormats.Json;

    public bool CarriesRaw => false;

    /// <summary>A broker takes 1 MB a record batch unless it is told otherwise.</summary>
    public BatchConfig Batch { get; } = new(MaxEvents: 1000, MaxBytes: 900_000, MaxAgeMs: 100, InFlight: 4);

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) => Authorization.Check(secrets);

    public string WireOf(DestinationConfig config) => IsVersion3(config) ? "v3" : "v2";

    public IEventRenderer CreateRenderer(RenderContext context) => new KafkaRestRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => IsVersion3(context.Config) ? new KafkaVersion3Sender(context) : new KafkaRestSender(context);

    /// <summary>Whose path names a cluster.</summary>
    public static bool IsVersion3(DestinationConfig config) => config.Text("cluster") is not null;
}
