using System.Buffers;
using System.Text.Json;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds.KafkaRest;

/// <summary>
/// One record: key and document. Under <c>strict</c> all have the destination's id as key, because Kafka keeps order only within a partition; under <c>relaxed</c> each has its
/// event's id, which spreads them. Version 2 takes them as elements of a list, version 3 as a line each with their types.
/// </summary>
internal sealed class KafkaRestRenderer(RenderContext context) : IEventRenderer
{
    private readonly EventDocument _document = new(context);
    private readonly bool _typed = KafkaRestKind.IsVersion3(context.Config);
    private readonly byte[]? _key = context.Config.Strict ? JsonSerializer.SerializeToUtf8Bytes(context.Config.Id) : null;

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        if (_typed)
        {
            output.Write("{\"key\":{\"type\":\"STRING\",\"data\":"u8);
            output.Write(_key ?? JsonSerializer.SerializeToUtf8Bytes(value.Id));
            output.Write("},\"value\":{\"type\":\"JSON\",\"data\":"u8);
            _document.Write(value, output);
            output.Write("}}\n"u8);
            return 0;
        }

        output.Write("{\"key\":"u8);
        output.Write(_key ?? JsonSerializer.SerializeToUtf8Bytes(value.Id));
        output.Write(",\"value\":"u8);
        _document.Write(value, output);
        output.Write("},"u8);
        return 0;
    }
}
