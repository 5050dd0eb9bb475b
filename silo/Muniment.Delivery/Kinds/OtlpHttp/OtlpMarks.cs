using System.Buffers;
using System.Text;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds.OtlpHttp;

/// <summary>
/// The marks as attributes: elements of a repeated field <c>KeyValue</c> (opentelemetry/proto/common/v1/common.proto). What is the same for every event of a batch is written once,
/// since this runs for each event beside a plain copy of its record.
/// </summary>
/// <param name="field">Number of the repeated field.</param>
/// <param name="context">Of the batch.</param>
internal sealed class OtlpMarks(int field, RenderContext context)
{
    private const int Text = 1; // AnyValue.string_value
    private const int Integer = 3; // AnyValue.int_value
    private const int MaxVarintBytes = 10;

    private readonly byte[] _tag = Varint((uint)(field << 3 | 2));
    private readonly byte[] _origin = Attribute(field, "muniment.origin", context.Origin);
    private readonly byte[] _destination = Attribute(field, "muniment.destination", context.Config.Id);

    public void Write(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        int idLength = Encoding.UTF8.GetByteCount(value.Id);
        Span<byte> target = Begin("muniment.event_id"u8, idLength, output, out int at);
        at += Encoding.UTF8.GetBytes(value.Id, target[at..]);
        output.Advance(at);
        if (value.N < 0)
        {
            return;
        }

        output.Write(_origin);
        Number("muniment.seq"u8, value.Stored.Seq, output);
        if (!value.Leaf.IsEmpty)
        {
            target = Begin("muniment.leaf"u8, value.Leaf.Length * 2, output, out at);
            Convert.TryToHexStringLower(value.Leaf.Span, target[at..], out int written);
            output.Advance(at + written);
        }

        output.Write(_destination);
        Number("muniment.epoch"u8, value.Epoch, output);
        Number("muniment.n"u8, value.N, output);
    }

    private static byte[] Attribute(int field, string key, string value)
    {
        ArrayBufferWriter<byte> output = new();
        Proto.WriteAttribute(field, key, value, output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Varint(ulong value)
    {
        ArrayBufferWriter<byte> output = new(MaxVarintBytes);
        Proto.WriteVarint(value, output);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>All of an attribute up to its text, which follows at <paramref name="at"/>; there is room for it.</summary>
    private Span<byte> Begin(ReadOnlySpan<byte> key, int textLength, IBufferWriter<byte> output, out int at)
    {
        int valueLength = Proto.FieldSize(textLength);
        int length = Proto.FieldSize(key.Length) + Proto.FieldSize(valueLength);
        Span<byte> target = output.GetSpan(_tag.Length + MaxVarintBytes + length);
        at = Head(target, key, length, valueLength);
        target[at++] = Text << 3 | 2;
        Put(target, ref at, (uint)textLength);
        return target;
    }

    private void Number(ReadOnlySpan<byte> key, long number, IBufferWriter<byte> output)
    {
        int valueLength = 1 + Proto.VarintSize((ulong)number);
        int length = Proto.FieldSize(key.Length) + Proto.FieldSize(valueLength);
        Span<byte> target = output.GetSpan(_tag.Length + MaxVarintBytes + length);
        int at = Head(target, key, length, valueLength);
        target[at++] = Integer << 3;
        Put(target, ref at, (ulong)number);
        output.Advance(at);
    }

    // KeyValue: key = 1, value = 2.
    private int Head(Span<byte> target, ReadOnlySpan<byte> key, int length, int valueLength)
    {
        _tag.CopyTo(target);
        int at = _tag.Length;
        Put(target, ref at, (uint)length);
        target[at++] = 1 << 3 | 2;
        Put(target, ref at, (uint)key.Length);
        key.CopyTo(target[at..]);
        at += key.Length;
        target[at++] = 2 << 3 | 2;
        Put(target, ref at, (uint)valueLength);
        return at;
    }

    private static void Put(Span<byte> target, ref int at, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            target[at++] = (byte)(value | 0x80);
        }

        target[at++] = (byte)value;
    }
}
