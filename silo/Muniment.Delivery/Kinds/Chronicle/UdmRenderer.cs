using System.Buffers;
using Muniment.Delivery.Batches;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.Chronicle;

/// <summary>One element of <c>events</c>: <c>{"udm":{…}}</c>. The id is <c>metadata.product_log_id</c>, the marks are in <c>additional.muniment</c>.</summary>
internal sealed class UdmRenderer(RenderContext context) : IEventRenderer
{
    private readonly IEventFormat _format = EventFormats.Find("udm")!; // also where the format was left out

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        output.Write("{\"udm\":"u8);
        _format.Write(value.Event!, context.MarksOf(value), output);
        output.Write("},"u8);
        return 0;
    }
}
