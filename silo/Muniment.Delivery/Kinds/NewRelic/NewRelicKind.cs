using System.Collections.Immutable;
using Muniment.Delivery.Configuration;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.NewRelic;

/// <summary>New Relic's Log API. See <c>docs/siem/newrelic.md</c>.</summary>
internal sealed class NewRelicKind : IDestinationKind
{
    private const string Path = "/log/v1";

    /// <summary>1 MB a request; it counts compressed, and staying under it before that leaves no doubt.</summary>
    private const int MaxBytes = 990_000;

    public string Name => "newrelic";

    public EndpointForm Endpoint => EndpointForm.HttpBaseOrEmpty;

    public ImmutableArray<FieldRule> Options { get; } = [new("region", FieldForm.Text, Check: FieldChecks.OneOf("us", "eu", "US", "EU"))];

    public ImmutableArray<FieldRule> Credentials { get; } = [new("license_key", FieldForm.Text, Required: true, Check: FieldChecks.Token(256))];

    public ImmutableArray<string> Formats { get; } = [.. EventFormats.Json, .. EventFormats.Text];

    public bool CarriesRaw => false;

    public BatchConfig Batch { get; } = new(MaxEvents: 1000, MaxBytes: 900_000, MaxAgeMs: 200, InFlight: 4);

    public Uri? Address(DestinationConfig config) => UrlOf(config);

    public AgeLimit? Oldest { get; } = new(TimeSpan.FromHours(48), "New Relic shows what is older than 48 h at its arrival");

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) => BatchLimit.Check(config, "New Relic's Log API (1 MB)", maxBytes: MaxBytes);

    public IEventRenderer CreateRenderer(RenderContext context) => new NewRelicRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new NewRelicSender(context);

    /// <summary>The region's intake, or the configured one.</summary>
    public static Uri UrlOf(DestinationConfig config)
    {
        string root = config.Endpoint.Length > 0 ? config.Endpoint.TrimEnd('/') : config.Text("region") is "eu" or "EU" ? "https://log-api.eu.newrelic.com" : "https://log-api.newrelic.com";
        return new Uri(root.EndsWith(Path, StringComparison.Ordinal) ? root : root + Path);
    }
}
