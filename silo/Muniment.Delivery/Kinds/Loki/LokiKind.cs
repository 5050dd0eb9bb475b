using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Muniment.Delivery.Configuration;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.Loki;

/// <summary>Grafana Loki by its push API. See <c>docs/siem/loki.md</c>.</summary>
internal sealed partial class LokiKind : IDestinationKind
{
    /// <summary>Labels a stream may have unless Loki is told otherwise, less our <c>job</c> and <see cref="LokiStreams.OldLabel"/>.</summary>
    public const int MaxLabels = 13;

    public string Name => "loki";

    public EndpointForm Endpoint => EndpointForm.HttpBase;

    public ImmutableArray<FieldRule> Options { get; } =
    [
        new("tenant", FieldForm.Text, Check: FieldChecks.Token(150)),
        new("labels", FieldForm.TextMap, Check: CheckLabel),
    ];

    public ImmutableArray<FieldRule> Credentials => Authorization.Rules;

    public ImmutableArray<string> Formats { get; } = [.. EventFormats.Json, .. EventFormats.Text];

    public bool CarriesRaw => false;

    /// <summary>A quarter of the 4 MB a second that a tenant has by default.</summary>
    public BatchConfig Batch { get; } = new(MaxEvents: 2000, MaxBytes: 1_000_000, MaxAgeMs: 200, InFlight: 2);

    public AgeLimit? Oldest { get; } = new(TimeSpan.FromDays(7), "Loki refuses what is older than 7 days unless reject_old_samples_max_age is raised");

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) =>
        config.Map("labels").Count() > MaxLabels ? new ConfigError("options.labels", $"at most {MaxLabels} labels") : Authorization.Check(secrets);

    public IEventRenderer CreateRenderer(RenderContext context) => new LokiRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new LokiSender(context);

    private static string? CheckLabel(string name, string value) =>
        !LabelName().IsMatch(name) || name.StartsWith("__", StringComparison.Ordinal) ? "names of a-z A-Z 0-9 _ that do not begin with a digit or with __"
        : name == LokiStreams.OldLabel ? $"another name than {LokiStreams.OldLabel}, which is for streams of old events"
        : value.Length is 0 or > 1024 ? "values of 1 to 1024 characters" : null;

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_]{0,127}$")]
    private static partial Regex LabelName();
}
