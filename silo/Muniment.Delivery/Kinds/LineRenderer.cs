using System.Buffers;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds;

/// <summary>The event's document and a line end.</summary>
internal sealed class LineRenderer(RenderContext context) : IEventRenderer
{
    private readonly EventDocument _document = new(context);

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        _document.Write(value, output);
        output.Write("\n"u8);
        return 0;
    }
}
