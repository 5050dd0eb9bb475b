using System.Collections.Immutable;
using Muniment.Delivery.Configuration;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.Sentinel;

/// <summary>Microsoft Sentinel by the Logs Ingestion API of Azure Monitor. See <c>docs/siem/sentinel.md</c>.</summary>
internal sealed class SentinelKind : IDestinationKind
{
    /// <summary>The table's stream unless configured.</summary>
    public const string DefaultStream = "Custom-Muniment_CL";

    /// <summary>1 MB a call, compressed or not.</summary>
    private const int MaxBytes = 1_000_000 - JsonArrayBody.FrameBytes;

    public string Name => "sentinel";

    public EndpointForm Endpoint => EndpointForm.HttpBase;

    public ImmutableArray<FieldRule> Options { get; } =
    [
        new("dcr", FieldForm.Text, Required: true, Check: FieldChecks.Segment(100)),
        new("stream", FieldForm.Text, Check: FieldChecks.Segment(200)),
        new("authority", FieldForm.Text, Check: (_, text) => EndpointRules.Check(EndpointForm.HttpBase, text)),
    ];

    public ImmutableArray<FieldRule> Credentials { get; } =
    [
        new("tenant_id", FieldForm.Text, Required: true, Check: FieldChecks.Segment(200)),
        new("client_id", FieldForm.Text, Required: true, Check: FieldChecks.Segment(200)),
        new("client_secret", FieldForm.Text, Required: true, Check: FieldChecks.Line(1024)),
    ];

    public ImmutableArray<string> Formats => EventFormats.Json;

    public bool CarriesRaw => false;

    public BatchConfig Batch { get; } = new(MaxEvents: 2000, MaxBytes: 900_000, MaxAgeMs: 200, InFlight: 4);

    public AgeLimit? Oldest { get; } = new(TimeSpan.FromDays(2), "Sentinel gives what is older than two days the time of its arrival");

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) => BatchLimit.Check(config, "the Logs Ingestion API (1 MB a call)", maxBytes: MaxBytes);

    public IEventRenderer CreateRenderer(RenderContext context) => new SentinelRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new SentinelSender(context);
}
