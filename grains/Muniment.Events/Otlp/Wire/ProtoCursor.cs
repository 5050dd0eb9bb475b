using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Muniment.Events.Otlp.Wire;

/// <summary>
/// Walks the fields of one protobuf message inside a larger buffer, so that offsets stay absolute. Never throws and never reads at or past its end: each
/// step returns false and sets <see cref="Fault"/>. Rules: <see href="https://protobuf.dev/programming-guides/encoding/"/>; groups are refused.
/// </summary>
internal ref struct ProtoCursor
{
    /// <summary>Wire types; the low three bits of a tag.</summary>
    public const int Varint = 0, Fixed64 = 1, Len = 2, Fixed32 = 5;

    private readonly ReadOnlySpan<byte> _data;

    public ProtoCursor(ReadOnlySpan<byte> data)
    {
        _data = data;
        End = data.Length;
    }

    public ProtoCursor(ReadOnlySpan<byte> data, int start, int end)
    {
        _data = data[..end];
        Position = start;
        End = end;
    }

    public int Position { get; private set; }

    public int End { get; }

    public WireFault Fault { get; private set; }

    public readonly bool AtEnd => Position >= _data.Length;

    /// <summary>Reads the next tag; the field number is <c>tag &gt;&gt; 3</c> and at least 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadTag(out uint tag)
    {
        int position = Position;
        if ((uint)position < (uint)_data.Length && _data[position] is >= 8 and < 0x80 and byte single && (single & 7) is 0 or 1 or 2 or 5)
        {
            Position = position + 1;
            tag = single;
            return true;
        }

        return TryReadTagSlow(out tag);
    }

    /// <summary>Reads a varint of at most ten bytes and 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadVarint(out ulong value)
    {
        int position = Position;
        if ((uint)position < (uint)_data.Length && _data[position] < 0x80)
        {
            value = _data[position];
            Position = position + 1;
            return true;
        }

        return TryReadVarintSlow(out value);
    }

    /// <summary>Reads a length and steps over that many bytes; the content is <c>[start, start + length)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadLength(out int start, out int length)
    {
        if (!TryReadVarint(out ulong announced))
        {
            start = length = 0;
            return false;
        }

        start = Position;
        if (announced > (ulong)(_data.Length - start))
        {
            length = 0;
            return Fail(WireFault.LengthBeyondEnd);
        }

        length = (int)announced;
        Position = start + length;
        return true;
    }

    public bool TryReadBytes(out ReadOnlySpan<byte> bytes)
    {
        bool read = TryReadLength(out int start, out int length);
        bytes = read ? _data.Slice(start, length) : default;
        return read;
    }

    public bool TryReadFixed64(out ulong value)
    {
        if (!BinaryPrimitives.TryReadUInt64LittleEndian(_data[Position..], out value))
        {
            return Fail(WireFault.Truncated);
        }

        Position += sizeof(ulong);
        return true;
    }

    public bool TryReadFixed32(out uint value)
    {
        if (!BinaryPrimitives.TryReadUInt32LittleEndian(_data[Position..], out value))
        {
            return Fail(WireFault.Truncated);
        }

        Position += sizeof(uint);
        return true;
    }

    /// <summary>Steps over the value of the tag just read.</summary>
    public bool TrySkip(uint tag) => (tag & 7) switch
    {
        Varint => TryReadVarint(out _),
        Fixed64 => TryReadFixed64(out _),
        Len => TryReadLength(out _, out _),
        Fixed32 => TryReadFixed32(out _),
        _ => Fail(WireFault.Group),
    };

    public bool Fail(WireFault fault)
    {
        Fault = fault;
        return false;
    }

    private bool TryReadTagSlow(out uint tag)
    {
        tag = 0;
        int start = Position;
        if (!TryReadVarint(out ulong value))
        {
            return false;
        }

        if (value > uint.MaxValue || value >> 3 == 0)
        {
            Position = start;
            return Fail(WireFault.BadTag);
        }

        if ((value & 7) is 3 or 4)
        {
            Position = start;
            return Fail(WireFault.Group);
        }

        if ((value & 7) is 6 or 7)
        {
            Position = start;
            return Fail(WireFault.BadTag);
        }

        tag = (uint)value;
        return true;
    }

    private bool TryReadVarintSlow(out ulong value)
    {
        const int MaxBytes = 10;
        value = 0;
        for (int i = 0; i < MaxBytes; i++)
        {
            int position = Position + i;
            if (position >= _data.Length)
            {
                return Fail(WireFault.Truncated);
            }

            byte b = _data[position];
            if (i == MaxBytes - 1 && b > 1)
            {
                break;
            }

            value |= (ulong)(b & 0x7f) << (7 * i);
            if (b < 0x80)
            {
                Position = position + 1;
                return true;
            }
        }

        return Fail(WireFault.VarintTooLong);
    }
}
