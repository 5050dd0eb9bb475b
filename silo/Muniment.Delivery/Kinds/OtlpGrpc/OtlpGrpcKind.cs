using System.Collections.Immutable;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds.OtlpHttp;

namespace Muniment.Delivery.Kinds.OtlpGrpc;

/// <summary>OTLP over gRPC: the same records and renderers as <see cref="OtlpHttpKind"/>, framed for HTTP/2. See <c>docs/siem/otlp.md</c>.</summary>
internal sealed class OtlpGrpcKind : IDestinationKind
{
    public string Name => "otlp_grpc";

    public EndpointForm Endpoint => EndpointForm.HttpBase;

    public ImmutableArray<FieldRule> Options { get; } =
        [new("encoding", FieldForm.Text, Check: (_, text) => text is "protobuf" ? null : "protobuf: gRPC has no JSON here")];

    public ImmutableArray<FieldRule> Credentials { get; } = [new("headers", FieldForm.TextMap, Check: CheckMetadata)];

    public ImmutableArray<string> Formats { get; } = new OtlpHttpKind().Formats;

    public bool CarriesRaw => true;

    /// <summary>Many receivers refuse messages over 4 MiB.</summary>
    public BatchConfig Batch { get; } = new(MaxEvents: 2000, MaxBytes: 1_900_000, MaxAgeMs: 100, InFlight: 4);

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) => null;

    public IEventRenderer CreateRenderer(RenderContext context) => context.Config.IsRaw ? new RawRenderer(context) : new EventLogRenderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new OtlpGrpcSender(context);

    /// <summary>Metadata is lower case on the wire whatever was written here; names that end in <c>-bin</c> carry base64, <c>grpc-</c> is the protocol's own.</summary>
    private static string? CheckMetadata(string name, string value) =>
        name.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase) ? "a name that does not begin with grpc-"
        : name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase) && !Convert.TryFromBase64String(value, new byte[value.Length], out _) ? "base64, because the name ends in -bin"
        : OtlpHttpKind.CheckHeader(name, value);
}
