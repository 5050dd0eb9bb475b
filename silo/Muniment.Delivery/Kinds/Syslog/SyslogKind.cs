using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Muniment.Delivery.Configuration;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.Syslog;

/// <summary>RFC 5424 over TCP and TLS with octet counting (RFC 6587, RFC 5425), and over RELP. What counts as delivered is told in <c>docs/siem/syslog.md</c>.</summary>
internal sealed class SyslogKind : IDestinationKind
{
    /// <summary>rsyslog cuts longer messages without a word unless it is told otherwise.</summary>
    public const int DefaultMessageBytes = 8192;

    /// <summary>13, "log audit" (RFC 5424, table 1).</summary>
    public const int DefaultFacility = 13;

    private static readonly ImmutableArray<string> TextFormats = [.. new[] { "cef", "leef" }.Where(f => EventFormats.Find(f) is not null)];

    private static readonly ImmutableArray<string> FacilityNames =
    [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp", "ntp", "audit", "alert", "clock",
        "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];

    public string Name => "syslog";

    public EndpointForm Endpoint => EndpointForm.SyslogTarget;

    public ImmutableArray<FieldRule> Options { get; } =
    [
        new("payload", FieldForm.Text, Check: (_, text) => text == "json" || TextFormats.Contains(text) ? null : "one of json, " + string.Join(", ", TextFormats)),
        new("app_name", FieldForm.Text, Check: (_, text) => text.Length is > 0 and <= 48 && text.All(c => c is > ' ' and <= '~') ? null : "1 to 48 printable ASCII characters without blanks"),
        new("facility", FieldForm.TextOrNumber, Check: (_, text) => FacilityOf(text) >= 0 ? null : "a number from 0 to 23 or a name: " + string.Join(", ", FacilityNames)),
        new("confirm", FieldForm.Text, Check: (_, text) => text is "close" or "tcp" ? null : "close or tcp"),
        new("max_message_bytes", FieldForm.Number, Check: (_, text) => long.TryParse(text, out long size) && size is >= 2048 and <= 1 << 20 ? null : "2048 to 1048576"),
    ];

    public ImmutableArray<FieldRule> Credentials => [];

    public ImmutableArray<string> Formats => EventFormats.Json.AddRange(TextFormats);

    public bool CarriesRaw => false;

    public BatchConfig Batch { get; } = new(MaxEvents: 2000, MaxBytes: 1_000_000, MaxAgeMs: 200, InFlight: 4);

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) => (config.Text("payload") ?? "json", TextFormats.Contains(config.Format)) switch
    {
        _ when config.Endpoint.StartsWith("tcp:", StringComparison.OrdinalIgnoreCase) && (config.AuthorityPem ?? config.ClientCertificatePem) is not null =>
            new ConfigError("tls", "tls:// in endpoint; tcp:// is plain text"),
        ("json", true) when config.Options.ContainsKey("payload") => new ConfigError("format", "a JSON format, or options.payload " + config.Format),
        ("json", _) => null,
        (string payload, _) when config.Format == payload || config.Format == EventFormats.Json[0] => null,
        (string payload, _) => new ConfigError("format", $"{payload}, as options.payload says"),
    };

    public Uri Address(DestinationConfig config) => IsSecure(config) ? new UriBuilder(config.Endpoint) { Scheme = "tls" }.Uri : new Uri(config.Endpoint);

    public string WireOf(DestinationConfig config) => IsRelp(config) ? "relp" : "stream";

    public IEventRenderer CreateRenderer(RenderContext context) => new SyslogRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => IsRelp(context.Config) ? new RelpSender(context) : new StreamSender(context);

    /// <summary>The format whose text is the message: what <c>payload</c> says goes before the default of <c>format</c>.</summary>
    public static string FormatOf(DestinationConfig config) => config.Text("payload") is { } payload && payload != "json" ? payload : config.Format;

    public static bool IsRelp(DestinationConfig config) => config.Endpoint.StartsWith("relp:", StringComparison.OrdinalIgnoreCase);

    /// <summary>The contract has one scheme for RELP: it is spoken over TLS when the destination has a <c>tls</c> member.</summary>
    public static bool IsSecure(DestinationConfig config) =>
        config.Endpoint.StartsWith("tls:", StringComparison.OrdinalIgnoreCase) || (IsRelp(config) && (config.AuthorityPem ?? config.ClientCertificatePem) is not null);

    public static int Facility(DestinationConfig config) =>
        config.Options.TryGetValue("facility", out JsonElement value) ? FacilityOf(value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()) : DefaultFacility;

    private static int FacilityOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number is <= 23 ? number : -1 : FacilityNames.IndexOf(text);
}
