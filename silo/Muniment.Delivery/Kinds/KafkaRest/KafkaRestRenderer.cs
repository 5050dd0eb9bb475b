using System.Buffers;
using System.Text.Json;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds.KafkaRest;

/// <summary>
/// One record: key and document. Under <c>strict</c> all have the destination's id as key, because Kafka keeps order only within a partition; under <c>relaxed</c> each has its
/// event's id, which spreads them.
/// </summary>
internal sealed class KafkaRestRenderer(RenderContext context) : IEventRenderer
{
    private readonly EventDocument _document = new(context);
    private readonly byte[]? _key = context.Config.Strict ? JsonSerializer.SerializeToUtf8Bytes(context.Config.Id) : null;

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        output.Write("{\"key\":"u8);
        output.Write(_key ?? JsonSerializer.SerializeToUtf8Bytes(value.Id));
        output.Write(",\"value\":"u8);
        _document.Write(value, output);
        output.Write("},"u8);
        return 0;
    }
}
