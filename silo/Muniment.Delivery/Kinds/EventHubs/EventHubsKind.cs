using System.Collections.Immutable;
using Muniment.Delivery.Configuration;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.EventHubs;

/// <summary>Azure Event Hubs over its REST interface, with a shared access policy. See <c>docs/siem/event_hubs.md</c>.</summary>
internal sealed class EventHubsKind : IDestinationKind
{
    /// <summary>The largest request that a hub takes (256 KB in the Basic tier).</summary>
    public const int MaxRequestBytes = 1_000_000;

    public string Name => "event_hubs";

    public EndpointForm Endpoint => EndpointForm.HttpBase;

    public ImmutableArray<FieldRule> Options { get; } = [new("hub", FieldForm.Text, Required: true, Check: FieldChecks.Segment(256))];

    public ImmutableArray<FieldRule> Credentials { get; } =
        [new("key_name", FieldForm.Text, Required: true, Check: FieldChecks.Segment(256)), new("key", FieldForm.Text, Required: true, Check: FieldChecks.Token(256))];

    public ImmutableArray<string> Formats => EventFormats.Json;

    public bool CarriesRaw => false;

    public BatchConfig Batch { get; } = new(MaxEvents: 1000, MaxBytes: 900_000, MaxAgeMs: 100, InFlight: 4);

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) => BatchLimit.Check(config, "Event Hubs", maxBytes: MaxRequestBytes);

    public IEventRenderer CreateRenderer(RenderContext context) => new EventHubsRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new EventHubsSender(context);
}
