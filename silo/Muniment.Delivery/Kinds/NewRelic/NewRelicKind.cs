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

    public ImmutableArray<FieldRule> Options { get; } = 
    [
        new("region", FieldForm.Text, Check: FieldChecks.OneOf("us", "eu", "US", "EU")),
        new("account_id", FieldForm.Number, Check: (_, text) => long.TryParse(text, out long id) && id > 0 ? null : "the number of an account"),
    ];

    public ImmutableArray<FieldRule> Credentials { get; } = 
    [
        new("license_key", FieldForm.Text, Required: true, Check: FieldChecks.Token(256)), new("user_key", FieldForm.Text, Check: FieldChecks.Token(256)), // to search with
    ];

    public ImmutableArray<string> Formats { get; } = [.. EventFormats.Json, .. EventFormats.Text];

    public bool CarriesRaw => false;

    public BatchConfig Batch { get; } = new(MaxEvents: 1000, MaxBytes: 900_000, MaxAgeMs: 200, InFlight: 4);

    public Uri? Address(DestinationConfig config) => UrlOf(config);

    public AgeLimit? Oldest { get; } = new(TimeSpan.FromHours(48), "New Relic shows what is older than 48 h at its arrival");

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) =>
        secrets.Find("credential.user_key") is not null && config.Number("account_id") is null ? new ConfigError("options.account_id", "the account to search, beside credential.user_key")
        : BatchLimit.Check(config, "New Relic's Log API (1 MB)", maxBytes: MaxBytes);

    public IEventRenderer CreateRenderer(RenderContext context) => new NewRelicRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new NewRelicSender(context);

    /// <summary>NerdGraph of the region, else what stands in the intake's place.</summary>
    public static Uri SearchUrlOf(DestinationConfig config) => new((UrlOf(config).Host switch
    {
        "log-api.newrelic.com" => "https://api.newrelic.com",
        "log-api.eu.newrelic.com" => "https://api.eu.newrelic.com",
        _ => UrlOf(config).GetLeftPart(UriPartial.Authority),
    }) + "/graphql");

    /// <summary>The region's intake, or the configured one.</summary>
    public static Uri UrlOf(DestinationConfig config)
    {
        string root = config.Endpoint.Length > 0 ? config.Endpoint.TrimEnd('/') : config.Text("region") is "eu" or "EU" ? "https://log-api.eu.newrelic.com" : "https://log-api.newrelic.com";
        return new Uri(root.EndsWith(Path, StringComparison.Ordinal) ? root : root + Path);
    }
}
