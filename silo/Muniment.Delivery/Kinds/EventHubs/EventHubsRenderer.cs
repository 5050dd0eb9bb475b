using System.Buffers;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds.EventHubs;

/// <summary>
/// One member of a batch: the document as a string, the id as a property. Under <c>strict</c> all events have the destination's id as partition key, because a hub keeps
/// order only within a partition.
/// </summary>
internal sealed class EventHubsRenderer(RenderContext context) : IEventRenderer
{
    private readonly EventDocument _document = new(context);
    private readonly BatchBuffer _text = new();
    private readonly byte[] _end = Encoding.UTF8.GetBytes(context.Config.Strict ? $"}},\"BrokerProperties\":{{\"PartitionKey\":{JsonSerializer.Serialize(context.Config.Id)}}}}}," : "}},");

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        _text.Truncate(0);
        _document.Write(value, _text);
        output.Write("{\"Body\":\""u8);
        output.Write(JsonEncodedText.Encode(_text.Written.Span, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        output.Write("\",\"UserProperties\":{\"event_id\":"u8);
        output.Write(JsonSerializer.SerializeToUtf8Bytes(value.Id));
        output.Write(_end);
        return 0;
    }
}
