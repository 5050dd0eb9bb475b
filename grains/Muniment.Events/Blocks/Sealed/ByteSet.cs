using System.Buffers.Binary;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>A set of byte values; stored as 32 bytes, value v in bit v mod 8 of byte v / 8.</summary>
internal struct ByteSet
{
    public const int SizeBytes = 32;

    private ulong _first;
    private ulong _second;
    private ulong _third;
    private ulong _fourth;

    /// <summary>All 256 values.</summary>
    public static ByteSet All => new() { _first = ulong.MaxValue, _second = ulong.MaxValue, _third = ulong.MaxValue, _fourth = ulong.MaxValue };

    /// <summary>The values that occur in these bytes.</summary>
    public static ByteSet Of(ReadOnlySpan<byte> bytes)
    {
        Span<ulong> words = stackalloc ulong[4];
        foreach (byte b in bytes)
        {
            words[b >> 6] |= 1UL << (b & 63);
        }

        return Of(words);
    }

    /// <summary>The values that occur in some, and in all of these texts, which stand one after the other.</summary>
    public static (ByteSet Any, ByteSet Every) Of(ReadOnlySpan<byte> content, ReadOnlySpan<long> lengths)
    {
        // How many of the first texts a value stood in without a gap, and whether it stood in any.
        Span<int> run = stackalloc int[256];
        Span<bool> seen = stackalloc bool[256];
        run.Clear();
        seen.Clear();
        int at = 0;
        for (int i = 0; i < lengths.Length; i++)
        {
            foreach (byte b in content.Slice(at, (int)lengths[i]))
            {
                seen[b] = true;
                if (run[b] == i)
                {
                    run[b] = i + 1;
                }
            }

            at += (int)lengths[i];
        }

        Span<ulong> any = stackalloc ulong[4], every = stackalloc ulong[4];
        for (int value = 0; value < 256; value++)
        {
            any[value >> 6] |= seen[value] ? 1UL << (value & 63) : 0;
            every[value >> 6] |= run[value] == lengths.Length ? 1UL << (value & 63) : 0;
        }

        return (Of(any), Of(every));
    }

    public static ByteSet Read(ReadOnlySpan<byte> stored) => new()
    {
        _first = BinaryPrimitives.ReadUInt64LittleEndian(stored),
        _second = BinaryPrimitives.ReadUInt64LittleEndian(stored[8..]),
        _third = BinaryPrimitives.ReadUInt64LittleEndian(stored[16..]),
        _fourth = BinaryPrimitives.ReadUInt64LittleEndian(stored[24..]),
    };

    public readonly void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, _first);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], _second);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], _third);
        BinaryPrimitives.WriteUInt64LittleEndian(target[24..], _fourth);
    }

    private static ByteSet Of(ReadOnlySpan<ulong> words) => new() { _first = words[0], _second = words[1], _third = words[2], _fourth = words[3] };

    /// <summary>Whether it has all values of another set.</summary>
    public readonly bool HasAll(ByteSet other) =>
        (other._first & ~_first) == 0 && (other._second & ~_second) == 0 && (other._third & ~_third) == 0 && (other._fourth & ~_fourth) == 0;
}
