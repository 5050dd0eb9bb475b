using System.Buffers;
using System.Collections.Immutable;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.LocalFile;

/// <summary>NDJSON in the data directory, for forwarders that read files and for air-gapped transport. See <c>docs/siem/file.md</c>.</summary>
internal sealed class FileKind : IDestinationKind
{
    public string Name => "file";

    public EndpointForm Endpoint => EndpointForm.PlainName;

    public ImmutableArray<FieldRule> Options { get; } =
        [new("rotate_bytes", FieldForm.Number, Check: (_, text) => long.TryParse(text, out long size) && size is >= 4096 and <= 1L << 40 ? null : "4096 to 1099511627776")];

    public ImmutableArray<FieldRule> Credentials => [];

    public ImmutableArray<string> Formats { get; } = [.. EventFormats.Json, .. EventFormats.Text];

    public bool CarriesRaw => false;

    public BatchConfig Batch { get; } = new(MaxEvents: 5000, MaxBytes: 4_000_000, MaxAgeMs: 100, InFlight: 1);

    public ConfigError? Check(DestinationConfig config, SecretBag secrets) => null;

    public IEventRenderer CreateRenderer(RenderContext context) => new Renderer(context);

    public IDestinationSender CreateSender(SenderContext context) => new FileSender(context);

    private sealed class Renderer(RenderContext context) : IEventRenderer
    {
        public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
        {
            context.Format!.Write(value.Event!, context.MarksOf(value), output);
            output.Write("\n"u8);
            return 0;
        }
    }
}
