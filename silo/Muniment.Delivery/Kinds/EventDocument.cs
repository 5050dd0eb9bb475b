using System.Buffers;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds;

/// <summary>
/// An event as one JSON object in the destination's format with the marks in it: canonical has an object <c>muniment</c>, flat has dotted names. Used by every kind that
/// sends JSON objects, so that marks lie in the same place everywhere. One thread.
/// </summary>
internal sealed class EventDocument(RenderContext context)
{
    private readonly Marks _marks = new(context.Origin, context.Config.Id);
    private readonly BatchBuffer _json = new();
    private readonly bool _flat = context.Config.Format == "flat";

    /// <summary>Writes the object on one line, without a line end. <paramref name="head"/> are members that come first, with their comma.</summary>
    public void Write(in OutgoingEvent value, IBufferWriter<byte> output, ReadOnlySpan<byte> head = default)
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

        output.Write("{"u8);
        output.Write(head);
        output.Write(_json.Written.Span[1..^1]); // both braces are ours
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

        output.Write("}"u8);
    }
}
