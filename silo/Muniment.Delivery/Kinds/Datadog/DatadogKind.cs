using System.Collections.Immutable;
using Muniment.Delivery.Configuration;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.Datadog;

/// <summary>Datadog's log intake, version 2. See <c>docs/siem/datadog.md</c>.</summary>
internal sealed class DatadogKind : IDestinationKind
{
    private const int MaxEvents = 1000;
    private const int MaxBytes = 5_000_000 - JsonArrayBody.FrameBytes;
    private const string Path = "/api/v2/logs";
    private const string IntakePrefix = "http-intake.logs.";

    public string Name => "datadog";

    public EndpointForm Endpoint => EndpointForm.HttpBaseOrEmpty;

    public ImmutableArray<FieldRule> Options { get; } =
    [
        new("site", FieldForm.Text, Check: FieldChecks.Segment(100)),
        new("service", FieldForm.Text, Check: FieldChecks.Line(100)),
        new("tags", FieldForm.TextOrList, Check: FieldChecks.Line(1000)),
    ];

    public ImmutableArray<FieldRule> Credentials { get; } = 
    [
        new("api_key", FieldForm.Text, Required: true, Check: FieldChecks.Token(256)), new("application_key", FieldForm.Text, Check: FieldChecks.Token(256)), // to search with
    ];

    public ImmutableArray<string> Formats => EventFormats.Json;

    public bool CarriesRaw => false;

    public BatchConfig Batch { get; } = new(MaxEvents, MaxBytes: 4_000_000, MaxAgeMs: 100, InFlight: 4);

    public Uri? Address(DestinationConfig config) => UrlOf(config);

    public AgeLimit? Oldest { get; } = new(TimeSpan.FromHours(18), "Datadog shows what is older than 18 h at its arrival");

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) => BatchLimit.Check(config, "Datadog", MaxEvents, MaxBytes);

    public IEventRenderer CreateRenderer(RenderContext context) => new DatadogRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new DatadogSender(context);

    /// <summary>Where logs are searched: the site's own API beside its intake, else what stands in the intake's place.</summary>
    public static Uri SearchUrlOf(DestinationConfig config)
    {
        Uri intake = UrlOf(config);
        string host = config.Text("site") is { } site ? "https://api." + site
            : intake.Host.StartsWith(IntakePrefix, StringComparison.Ordinal) ? "https://api." + intake.Host[IntakePrefix.Length..]
            : intake.GetLeftPart(UriPartial.Authority);
        return new Uri(host + "/api/v2/logs/events/search");
    }

    /// <summary>The intake of the site, or the configured one.</summary>
    public static Uri UrlOf(DestinationConfig config)
    {
        string root = config.Endpoint.Length > 0 ? config.Endpoint.TrimEnd('/') : "https://http-intake.logs." + (config.Text("site") ?? "datadoghq.com");
        return new Uri(root.EndsWith(Path, StringComparison.Ordinal) ? root : root + Path);
    }
}
