using System.Buffers.Text;
using System.Globalization;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>One decoded <c>AnyValue</c> over validated bytes. Of members set twice the last one counts, as in proto3; lists are not merged.</summary>
internal readonly ref struct AnyValueView
{
    /// <summary>Room for any number as text.</summary>
    public const int ScratchBytes = 32;

    private AnyValueView(AnyKind kind, ulong bits, ReadOnlySpan<byte> bytes)
    {
        Kind = kind;
        Bits = bits;
        Bytes = bytes;
    }

    public AnyKind Kind { get; }

    /// <summary>Content of a string, bytes, array or key-value list.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    public long Int => (long)Bits;

    public double Double => BitConverter.UInt64BitsToDouble(Bits);

    public bool Bool => Bits != 0;

    private ulong Bits { get; }

    /// <summary>Decodes the content of an <c>AnyValue</c> message; malformed bytes read as empty.</summary>
    public static AnyValueView Read(ReadOnlySpan<byte> message)
    {
        // Nearly every value is one short string that fills its message.
        if (message.Length >= 2 && message[0] == 0x0a && message[1] == message.Length - 2 && message[1] < 0x80)
        {
            return new AnyValueView(AnyKind.String, 0, message[2..]);
        }

        var cursor = new ProtoCursor(message);
        AnyValueView view = default;
        while (!cursor.AtEnd)
        {
            if (!cursor.TryReadTag(out uint tag))
            {
                return default;
            }

            ulong bits = 0;
            ReadOnlySpan<byte> bytes = default;
            AnyKind kind = tag switch
            {
                (1 << 3) | ProtoCursor.Len => AnyKind.String,
                (2 << 3) | ProtoCursor.Varint => AnyKind.Bool,
                (3 << 3) | ProtoCursor.Varint => AnyKind.Int,
                (4 << 3) | ProtoCursor.Fixed64 => AnyKind.Double,
                (5 << 3) | ProtoCursor.Len => AnyKind.Array,
                (6 << 3) | ProtoCursor.Len => AnyKind.KeyValueList,
                (7 << 3) | ProtoCursor.Len => AnyKind.Bytes,
                _ => AnyKind.Empty,
            };
            bool read = kind switch
            {
                AnyKind.Empty => cursor.TrySkip(tag),
                AnyKind.Bool or AnyKind.Int => cursor.TryReadVarint(out bits),
                AnyKind.Double => cursor.TryReadFixed64(out bits),
                _ => cursor.TryReadBytes(out bytes),
            };
            if (!read)
            {
                return default;
            }

            if (kind != AnyKind.Empty)
            {
                view = new AnyValueView(kind, bits, bytes);
            }
        }

        return view;
    }

    /// <summary>The value as text for a canonical field: a string as it is, numbers and booleans in their usual form; empty for anything else.</summary>
    public ReadOnlySpan<byte> Text(Span<byte> scratch)
    {
        int written;
        switch (Kind)
        {
            case AnyKind.String:
                return Bytes;
            case AnyKind.Bool:
                return Bool ? "true"u8 : "false"u8;
            case AnyKind.Int:
                return Utf8Formatter.TryFormat(Int, scratch, out written) ? scratch[..written] : default;
            case AnyKind.Double:
                return Double.TryFormat(scratch, out written, "R", CultureInfo.InvariantCulture) ? scratch[..written] : default;
            default:
                return default;
        }
    }

    /// <summary>The value as a count: an integer, a double without fraction, or decimal digits as some exporters send them.</summary>
    public bool TryCount(out long count)
    {
        count = Int;
        switch (Kind)
        {
            case AnyKind.Int:
                return true;
            case AnyKind.Double when Math.Abs(Double) < 1L << 53 && Math.Truncate(Double) == Double:
                count = (long)Double;
                return true;
            case AnyKind.String:
                return Utf8Parser.TryParse(Bytes, out count, out int consumed) && consumed == Bytes.Length;
            default:
                return false;
        }
    }
}
