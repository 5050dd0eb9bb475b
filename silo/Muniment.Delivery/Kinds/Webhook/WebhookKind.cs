using System.Collections.Immutable;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds.OtlpHttp;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.Webhook;

/// <summary>Signed requests by Standard Webhooks 1.0.0. See <c>docs/siem/webhook.md</c>.</summary>
internal sealed class WebhookKind : IDestinationKind
{
    public string Name => "webhook";

    public EndpointForm Endpoint => EndpointForm.HttpUrl;

    public ImmutableArray<FieldRule> Options { get; } = [new("headers", FieldForm.TextMap, Check: CheckHeader)];

    public ImmutableArray<FieldRule> Credentials { get; } = [new("secret", FieldForm.Text, Required: true, Check: (_, text) => WebhookSecret.TryParse(text, out ImmutableArray<byte[]> _) ? null : WebhookSecret.Expected)];

    public ImmutableArray<string> Formats => EventFormats.Json;

    public bool CarriesRaw => false;

    /// <summary>The standard advises payloads under 20 KB.</summary>
    public BatchConfig Batch { get; } = new(MaxEvents: 100, MaxBytes: 20_000, MaxAgeMs: 100, InFlight: 4);

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) => null;

    public IEventRenderer CreateRenderer(RenderContext context) => new ArrayElementRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new WebhookSender(context);

    private static string? CheckHeader(string name, string value) =>
        name.StartsWith("webhook-", StringComparison.OrdinalIgnoreCase) ? "a header whose name does not begin with webhook-" : OtlpHttpKind.CheckHeader(name, value);
}
