using System.Collections.Frozen;
using System.Collections.Immutable;
using Muniment.Delivery.Configuration;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.OtlpHttp;

/// <summary>OTLP over HTTP: raw records as they came, or events as log records. See <c>docs/siem/otlp.md</c>.</summary>
internal sealed class OtlpHttpKind : IDestinationKind
{
    private static readonly FrozenSet<string> OwnHeaders = new[]
    {
        "host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "te", "trailer", "upgrade", "expect", "keep-alive", "proxy-authorization",
    }.ToFrozenSet();

    public string Name => "otlp_http";

    public EndpointForm Endpoint => EndpointForm.HttpBase;

    public ImmutableArray<FieldRule> Options { get; } =
        [new("encoding", FieldForm.Text, Check: (_, text) => text is "protobuf" or "json" ? null : "protobuf or json")];

    public ImmutableArray<FieldRule> Credentials { get; } = [new("headers", FieldForm.TextMap, Check: CheckHeader)];

    public ImmutableArray<string> Formats { get; } = ["otlp", .. EventFormats.Json];

    public bool CarriesRaw => true;

    public BatchConfig Batch { get; } = new(MaxEvents: 3000, MaxBytes: 2_900_000, MaxAgeMs: 100, InFlight: 4);

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) => null;

    public IEventRenderer CreateRenderer(RenderContext context) => context.Config.IsRaw ? new RawRenderer(context) : new EventLogRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new OtlpSender(context);

    internal static string? CheckHeader(string name, string value)
    {
        if (name.Length is 0 or > 128 || !name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal)))
        {
            return "a header name (RFC 9110 token)";
        }

        if (OwnHeaders.Contains(name.ToLowerInvariant()))
        {
            return "a header that the transport does not set itself";
        }

        return value.All(c => c is >= ' ' and <= '~') ? null : "printable ASCII without line breaks";
    }
}
