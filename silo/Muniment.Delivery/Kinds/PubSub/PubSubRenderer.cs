using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds.PubSub;

/// <summary>
/// One message: the document in base64, the id as an attribute. Under <c>strict</c> all have the destination's id as ordering key; a subscription that asks for order then
/// gets it.
/// </summary>
internal sealed class PubSubRenderer(RenderContext context) : IEventRenderer
{
    private readonly EventDocument _document = new(context);
    private readonly BatchBuffer _text = new();
    private readonly byte[] _end = Encoding.UTF8.GetBytes(context.Config.Strict ? $"}},\"orderingKey\":{JsonSerializer.Serialize(context.Config.Id)}}}," : "}},");

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        _text.Truncate(0);
        _document.Write(value, _text);
        output.Write("{\"data\":\""u8);
        Span<byte> base64 = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(_text.Length));
        Base64.EncodeToUtf8(_text.Written.Span, base64, out _, out int written);
        output.Advance(written);
        output.Write("\",\"attributes\":{\"event_id\":"u8);
        output.Write(JsonSerializer.SerializeToUtf8Bytes(value.Id));
        output.Write(_end);
        return 0;
    }
}
