using System.Buffers;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds;

/// <summary>An event as one JSON object in the destination's format with the marks in it, behind members that a kind puts first. One thread.</summary>
internal sealed class EventDocument(RenderContext context)
{
    private readonly BatchBuffer _json = new();

    /// <summary>Writes the object on one line, without a line end. <paramref name="head"/> are members that come first, with their comma.</summary>
    public void Write(in OutgoingEvent value, IBufferWriter<byte> output, ReadOnlySpan<byte> head = default)
    {
        if (head.IsEmpty)
        {
            context.Format!.Write(value.Event!, context.MarksOf(value), output);
            return;
        }

        _json.Truncate(0);
        context.Format!.Write(value.Event!, context.MarksOf(value), _json);
        output.Write("{"u8);
        output.Write(head);
        output.Write(_json.Written.Span[1..]);
    }
}
