using System.Collections.Immutable;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds.OAuth;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.PubSub;

/// <summary>Google Cloud Pub/Sub over REST with a service account. See <c>docs/siem/pubsub.md</c>.</summary>
internal sealed class PubSubKind : IDestinationKind
{
    public const string DefaultEndpoint = "https://pubsub.googleapis.com";

    /// <summary>Limits of one publish request.</summary>
    public const int MaxMessages = 1000, MaxRequestBytes = 10_000_000;

    public string Name => "pubsub";

    public EndpointForm Endpoint => EndpointForm.HttpBaseOrEmpty;

    public ImmutableArray<FieldRule> Options { get; } =
    [
        new("project", FieldForm.Text, Required: true, Check: (_, text) => text.Length is > 0 and <= 100 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or ':') ? null : "a project id"),
        new("topic", FieldForm.Text, Required: true, Check: (_, text) => text.Length is >= 3 and <= 255 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || "-_.~+%".Contains(c, StringComparison.Ordinal)) ? null : "a topic id: 3 to 255 of A-Z a-z 0-9 - _ . ~ + % beginning with a letter"),
    ];

    public ImmutableArray<FieldRule> Credentials { get; } = [new("service_account", FieldForm.Object, Required: true, Check: ServiceAccount.Check)];

    public ImmutableArray<string> Formats => EventFormats.Json;

    public bool CarriesRaw => false;

    public BatchConfig Batch { get; } = new(MaxEvents: MaxMessages, MaxBytes: 2_000_000, MaxAgeMs: 100, InFlight: 4);

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) => BatchLimit.Check(config, "Pub/Sub", MaxMessages, MaxRequestBytes - 1000);

    public Uri Address(DestinationConfig config) => new(config.Endpoint.Length > 0 ? config.Endpoint : DefaultEndpoint);

    public IEventRenderer CreateRenderer(RenderContext context) => new PubSubRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new PubSubSender(context);
}
