using System.Collections.Immutable;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds.OAuth;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.Chronicle;

/// <summary>Google Security Operations (Chronicle) by the Chronicle API. See <c>docs/siem/chronicle.md</c>.</summary>
internal sealed class ChronicleKind : IDestinationKind
{
    /// <summary>4 MB a request, less what frames it.</summary>
    private const int MaxBytes = 3_900_000;

    public string Name => "chronicle";

    public EndpointForm Endpoint => EndpointForm.HttpBaseOrEmpty;

    public ImmutableArray<FieldRule> Options { get; } =
    [
        new("project", FieldForm.Text, Required: true, Check: FieldChecks.Segment(100)),
        new("location", FieldForm.Text, Required: true, Check: FieldChecks.Segment(64)),
        new("instance", FieldForm.Text, Required: true, Check: FieldChecks.Segment(64)),
        new("log_type", FieldForm.Text, Check: (_, text) => text.Length is > 0 and <= 128 && text.All(c => c is (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_') ? null : "a log type of A-Z 0-9 _"),
        new("mode", FieldForm.Text, Check: FieldChecks.OneOf("udm", "raw")),
        new("forwarder", FieldForm.Text, Check: FieldChecks.Segment(64)),
    ];

    public ImmutableArray<FieldRule> Credentials { get; } = [new("service_account", FieldForm.Object, Required: true, Check: ServiceAccount.Check)];

    public ImmutableArray<string> Formats { get; } = [.. EventFormats.Json, .. EventFormats.Text];

    public bool CarriesRaw => false;

    public BatchConfig Batch { get; } = new(MaxEvents: 1000, MaxBytes: 1_000_000, MaxAgeMs: 200, InFlight: 4);

    public Uri? Address(DestinationConfig config) =>
        new(config.Endpoint.Length > 0 ? config.Endpoint : $"https://{config.Text("location")}-chronicle.googleapis.com");

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) =>
        IsUdm(config) && config.Format is not ("udm" or "canonical") ? new ConfigError("format", "udm, or none, where options.mode is udm")
        : !IsUdm(config) && config.Text("log_type") is null ? new ConfigError("options.log_type", "a log type where options.mode is raw")
        : BatchLimit.Check(config, "the Chronicle API (4 MB)", maxBytes: MaxBytes);

    public string WireOf(DestinationConfig config) => IsUdm(config) ? "udm" : "raw";

    public IEventRenderer CreateRenderer(RenderContext context) => IsUdm(context.Config) ? new UdmRenderer(context) : new RawLogRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new ChronicleSender(context, Address(context.Config)!);

    /// <summary>What <c>mode</c> says; without it the format decides.</summary>
    public static bool IsUdm(DestinationConfig config) => (config.Text("mode") ?? (config.Format == "udm" ? "udm" : "raw")) == "udm";
}
