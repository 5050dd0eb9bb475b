using System.Buffers;
using System.Collections.Immutable;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;

namespace Muniment.Delivery.Kinds.LocalFile;

/// <summary>NDJSON in the data directory, for forwarders that read files and for air-gapped transport. See <c>docs/siem/file.md</c>.</summary>
internal sealed class FileKind : IDestinationKind
{
    public string Name => "file";

    public EndpointForm Endpoint => EndpointForm.PlainName;

    public ImmutableArray<FieldRule> Options { get; } =
        [new("rotate_bytes", FieldForm.Number, Check: (_, text) => long.TryParse(text, out long size) && size is >= 4096 and <= 1L << 40 ? null : "4096 to 1099511627776")];

    public ImmutableArray<FieldRule> Credentials => [];

    public ImmutableArray<string> Formats { get; } = ["canonical", "flat"];

    public bool CarriesRaw => false;

    public BatchConfig Batch { get; } = new(MaxEvents: 5000, MaxBytes: 4_000_000, MaxAgeMs: 100, InFlight: 1);

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) => null;

    public IEventRenderer CreateRenderer(RenderContext context) => new Renderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new FileSender(context);

    private sealed class Renderer(RenderContext context) : IEventRenderer
    {
        private readonly Marks _marks = new(context.Origin, context.Config.Id);
        private readonly BatchBuffer _json = new();
        private readonly bool _flat = context.Config.Format == "flat";

        public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
        {
            _json.Truncate(0);
            if (_flat)
            {
                context.Projection.WriteFlat(value.Event!, _json);
            }
            else
            {
                context.Projection.WriteCanonical(value.Event!, _json);
            }

            output.Write(_json.Written.Span[..^1]); // without the closing brace
            if (value.N >= 0)
            {
                output.Write(_flat ? ","u8 : ",\"muniment\":{"u8);
                if (_flat)
                {
                    _marks.WriteDotted(value, output);
                }
                else
                {
                    _marks.WriteNested(value, output);
                    output.Write("}"u8);
                }
            }

            output.Write("}\n"u8);
            return 0;
        }
    }
}
