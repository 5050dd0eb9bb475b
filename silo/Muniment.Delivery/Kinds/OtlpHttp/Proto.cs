using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Muniment.Delivery.Kinds.OtlpHttp;

/// <summary>The few protobuf writes that delivery needs. Field numbers are those of opentelemetry-proto.</summary>
internal static class Proto
{
    public static void WriteVarint(ulong value, IBufferWriter<byte> output)
    {
        Span<byte> span = output.GetSpan(10);
        int length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        output.Advance(length);
    }

    public static int VarintSize(ulong value)
    {
        int size = 1;
        while (value >= 0x80)
        {
            size++;
            value >>= 7;
        }

        return size;
    }

    /// <summary>Size of a length-delimited field with a number under 16.</summary>
    public static int FieldSize(int length) => 1 + VarintSize((ulong)length) + length;

    /// <summary>Tag and length; the bytes follow.</summary>
    public static void WriteHead(int field, int length, IBufferWriter<byte> output)
    {
        WriteVarint((uint)(field << 3 | 2), output);
        WriteVarint((ulong)length, output);
    }

    /// <summary>Tag and length into a span that has room.</summary>
    public static void WriteHead(Span<byte> output, ref int at, int field, int length)
    {
        output[at++] = (byte)(field << 3 | 2);
        uint left = (uint)length;
        for (; left >= 0x80; left >>= 7)
        {
            output[at++] = (byte)(left | 0x80);
        }

        output[at++] = (byte)left;
    }

    /// <summary>Bytes into a span that has room.</summary>
    public static void Write(Span<byte> output, ref int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(output[at..]);
        at += bytes.Length;
    }

    public static void WriteBytes(int field, ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        WriteHead(field, bytes.Length, output);
        output.Write(bytes);
    }

    public static void WriteText(int field, string text, IBufferWriter<byte> output)
    {
        WriteHead(field, Encoding.UTF8.GetByteCount(text), output);
        Encoding.UTF8.GetBytes(text, output);
    }

    public static void WriteFixed64(int field, ulong value, IBufferWriter<byte> output)
    {
        WriteVarint((uint)(field << 3 | 1), output);
        BinaryPrimitives.WriteUInt64LittleEndian(output.GetSpan(8), value);
        output.Advance(8);
    }

    /// <summary>A <c>KeyValue</c> whose value is a string.</summary>
    public static void WriteAttribute(int field, string key, string value, IBufferWriter<byte> output)
    {
        int keySize = FieldSize(Encoding.UTF8.GetByteCount(key));
        int textLength = Encoding.UTF8.GetByteCount(value);
        int anySize = FieldSize(textLength);
        WriteHead(field, keySize + FieldSize(anySize), output);
        WriteText(1, key, output);
        WriteHead(2, anySize, output);
        WriteText(1, value, output);
    }

    /// <summary>A <c>KeyValue</c> whose value is an integer.</summary>
    public static void WriteAttribute(int field, string key, long value, IBufferWriter<byte> output)
    {
        int keySize = FieldSize(Encoding.UTF8.GetByteCount(key));
        int anySize = 1 + VarintSize((ulong)value);
        WriteHead(field, keySize + FieldSize(anySize), output);
        WriteText(1, key, output);
        WriteHead(2, anySize, output);
        WriteVarint(3 << 3, output);
        WriteVarint((ulong)value, output);
    }

    /// <summary>A <c>KeyValue</c> whose value is a double.</summary>
    public static void WriteAttribute(int field, string key, double value, IBufferWriter<byte> output)
    {
        int keySize = FieldSize(Encoding.UTF8.GetByteCount(key));
        WriteHead(field, keySize + FieldSize(9), output);
        WriteText(1, key, output);
        WriteHead(2, 9, output);
        WriteFixed64(4, BitConverter.DoubleToUInt64Bits(value), output);
    }

    /// <summary>A <c>KeyValue</c> whose value is a boolean.</summary>
    public static void WriteAttribute(int field, string key, bool value, IBufferWriter<byte> output)
    {
        int keySize = FieldSize(Encoding.UTF8.GetByteCount(key));
        WriteHead(field, keySize + FieldSize(2), output);
        WriteText(1, key, output);
        WriteHead(2, 2, output);
        WriteVarint(2 << 3, output);
        WriteVarint(value ? 1UL : 0UL, output);
    }

    /// <summary>Reads a varint; false at the end or on garbage.</summary>
    public static bool TryReadVarint(scoped ref ReadOnlySpan<byte> input, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && !input.IsEmpty; shift += 7)
        {
            byte next = input[0];
            input = input[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads one field; bytes for length-delimited ones, a number for varints and fixed ones; false at the end or on garbage.</summary>
    public static bool TryReadField(scoped ref ReadOnlySpan<byte> input, out int field, out ulong number, out ReadOnlySpan<byte> bytes)
    {
        field = 0;
        number = 0;
        bytes = default;
        if (input.IsEmpty || !TryReadVarint(ref input, out ulong tag))
        {
            return false;
        }

        field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                return TryReadVarint(ref input, out number);
            case 1 when input.Length >= 8:
                number = BinaryPrimitives.ReadUInt64LittleEndian(input);
                input = input[8..];
                return true;
            case 5 when input.Length >= 4:
                number = BinaryPrimitives.ReadUInt32LittleEndian(input);
                input = input[4..];
                return true;
            case 2 when TryReadVarint(ref input, out ulong length) && length <= (ulong)input.Length:
                bytes = input[..(int)length];
                input = input[(int)length..];
                return true;
            default:
                return false;
        }
    }
}
