using System.Buffers;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds.OtlpHttp;

/// <summary>The marks as attributes.</summary>
internal static class OtlpMarks
{
    public static void Write(int field, RenderContext context, in OutgoingEvent value, IBufferWriter<byte> output)
    {
        Proto.WriteAttribute(field, "muniment.event_id", value.Id, output);
        if (value.N < 0)
        {
            return;
        }

        Proto.WriteAttribute(field, "muniment.origin", context.Origin, output);
        Proto.WriteAttribute(field, "muniment.seq", value.Stored.Seq, output);
        if (!value.Leaf.IsEmpty)
        {
            Proto.WriteAttribute(field, "muniment.leaf", Convert.ToHexStringLower(value.Leaf.Span), output);
        }

        Proto.WriteAttribute(field, "muniment.destination", context.Config.Id, output);
        Proto.WriteAttribute(field, "muniment.epoch", value.Epoch, output);
        Proto.WriteAttribute(field, "muniment.n", value.N, output);
    }
}
