using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Muniment.Delivery.Configuration;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.S3;

/// <summary>Objects of gzipped NDJSON in a bucket of Amazon S3 or anything that speaks its protocol. See <c>docs/siem/s3.md</c>.</summary>
internal sealed class S3Kind : IDestinationKind
{
    public const string DefaultRegion = "us-east-1";

    private const int MaxLockDays = 36_500;

    public string Name => "s3";

    public EndpointForm Endpoint => EndpointForm.HttpBaseOrEmpty;

    public ImmutableArray<FieldRule> Options { get; } =
    [
        new("bucket", FieldForm.Text, Required: true, Check: (_, text) => IsBucket(text) ? null : "a bucket name: 3 to 63 of a-z 0-9 . - beginning and ending with a letter or digit"),
        new("region", FieldForm.Text, Check: FieldChecks.Segment(32)),
        new("prefix", FieldForm.Text, Check: (_, text) => text.Length <= 512 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '=') && !text.StartsWith('/') && !text.Contains("//", StringComparison.Ordinal) && !text.Split('/').Any(s => s is "." or "..")
            ? null : "at most 512 of A-Z a-z 0-9 - _ . = and single /, not beginning with one"),
        new("path_style", FieldForm.Flag),
        new("object_lock", FieldForm.Object, Check: (name, text) => TryReadLock(text, out _, out _) ? null : $"{{\"mode\":\"governance\" or \"compliance\",\"days\":1 to {MaxLockDays}}}"),
    ];

    public ImmutableArray<FieldRule> Credentials { get; } =
    [
        new("access_key_id", FieldForm.Text, Check: FieldChecks.Token(128)), new("secret_access_key", FieldForm.Text, Check: FieldChecks.Token(256)),
        new("session_token", FieldForm.Text, Check: FieldChecks.Token(4096)), new("ambient", FieldForm.Flag),
    ];

    public ImmutableArray<string> Formats => EventFormats.Json;

    public bool CarriesRaw => false;

    public BatchConfig Batch { get; } = new(MaxEvents: 10_000, MaxBytes: 8_000_000, MaxAgeMs: 5_000, InFlight: 4);

    public ConfigError? Check(DestinationConfig config, SecretBag secrets)
    {
        bool ambient = secrets.Find("credential.ambient") == "true";
        bool key = secrets.Find("credential.access_key_id") is not null;
        bool secret = secrets.Find("credential.secret_access_key") is not null;
        return ambient && (key || secret || secrets.Find("credential.session_token") is not null) ? new ConfigError("credential.ambient", "either this or keys, not both")
            : !ambient && !key ? new ConfigError("credential.access_key_id", "a string, or ambient")
            : !ambient && !secret ? new ConfigError("credential.secret_access_key", "a string beside credential.access_key_id")
            : null;
    }

    public Uri Address(DestinationConfig config)
    {
        Uri service = new(ServiceUrl(config));
        return IsPathStyle(config) ? service : new UriBuilder(service) { Host = config.Text("bucket") + "." + service.Host }.Uri;
    }

    public IEventRenderer CreateRenderer(RenderContext context) => new LineRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new S3Sender(context);

    public static string Region(DestinationConfig config) => config.Text("region") ?? DefaultRegion;

    public static string ServiceUrl(DestinationConfig config) => config.Endpoint.Length > 0 ? config.Endpoint.TrimEnd('/')
        : $"https://s3.{Region(config)}.amazonaws.com{(Region(config).StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}";

    /// <summary>A bucket cannot stand before an address or before a name without dots; with dots of its own it does not fit the certificate.</summary>
    public static bool IsPathStyle(DestinationConfig config)
    {
        string host = new Uri(ServiceUrl(config)).Host;
        return config.Flag("path_style") || IPAddress.TryParse(host.Trim('[', ']'), out _) || !host.Contains('.', StringComparison.Ordinal) || config.Text("bucket")!.Contains('.', StringComparison.Ordinal);
    }

    public static bool TryReadLock(string json, out string mode, out int days)
    {
        (mode, days) = ("", 0);
        using JsonDocument document = JsonDocument.Parse(json);
        foreach (JsonProperty member in document.RootElement.EnumerateObject())
        {
            switch (member.Name)
            {
                case "mode" when member.Value.ValueKind == JsonValueKind.String:
                    mode = member.Value.GetString()!.ToUpperInvariant();
                    break;
                case "days" when member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out days):
                    break;
                default:
                    return false;
            }
        }

        return mode is "GOVERNANCE" or "COMPLIANCE" && days is >= 1 and <= MaxLockDays;
    }

    private static bool IsBucket(string text) =>
        text.Length is >= 3 and <= 63 && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]) && text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '.' or '-')
        && !text.Contains("..", StringComparison.Ordinal);
}
