using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
        words.Clear();
        Collect(bytes, words);
        return Of(words);
    }

    /// <summary>The values that occur in some, and in all of these texts, which stand one after the other.</summary>
    public static (ByteSet Any, ByteSet Every) Of(ReadOnlySpan<byte> content, ReadOnlySpan<long> lengths)
    {
        Span<ulong> any = stackalloc ulong[4];
        any.Clear();
        Collect(content, any);
        ByteSet some = Of(any);
        if (lengths.IsEmpty)
        {
            return (some, All);
        }

        // The values of the first text; then those of them that the others have too, which are few soon.
        Span<byte> common = stackalloc byte[256];
        int count = Of(content[..(int)lengths[0]]).CopyTo(common);
        int at = (int)lengths[0];
        for (int i = 1; i < lengths.Length && count > 0; i++)
        {
            ReadOnlySpan<byte> text = content.Slice(at, (int)lengths[i]);
            at += text.Length;
            for (int j = count - 1; j >= 0; j--)
            {
                if (!text.Contains(common[j]))
                {
                    common[j] = common[--count];
                }
            }
        }

        return (some, Of(common[..count]));
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

    // With vectors: bytes that are in the set already, nearly all after the first few, are seen to be 32 at a time.
    private static void Collect(ReadOnlySpan<byte> bytes, Span<ulong> words)
    {
        int i = 0;
        if (Avx2.IsSupported && bytes.Length >= 2 * Vector256<byte>.Count)
        {
            // Bit h of row l: the value with high half h and low half l, for values below 128 and for those from 128 on.
            Span<byte> rows = stackalloc byte[32];
            rows.Clear();
            Vector256<byte> low = default, high = default;
            Vector256<byte> bits = Vector256.Create(0x8040201008040201UL).AsByte(), nibble = Vector256.Create((byte)15);
            for (; i + Vector256<byte>.Count <= bytes.Length; i += Vector256<byte>.Count)
            {
                Vector256<byte> some = Vector256.Create(bytes[i..]);
                Vector256<byte> lows = some & nibble;
                Vector256<byte> row = Vector256.ConditionalSelect(Vector256.LessThan(some.AsSByte(), Vector256<sbyte>.Zero).AsByte(), Avx2.Shuffle(high, lows), Avx2.Shuffle(low, lows));
                Vector256<byte> bit = Avx2.Shuffle(bits, (some.AsUInt16() >>> 4).AsByte() & nibble);
                if ((row & bit) == bit)
                {
                    continue;
                }

                foreach (byte b in bytes.Slice(i, Vector256<byte>.Count))
                {
                    words[b >> 6] |= 1UL << (b & 63);
                    rows[(b & 15) | ((b & 128) >> 3)] |= (byte)(1 << ((b >> 4) & 7));
                }

                Vector128<byte> lowRows = Vector128.Create<byte>(rows), highRows = Vector128.Create<byte>(rows[16..]);
                (low, high) = (Vector256.Create(lowRows, lowRows), Vector256.Create(highRows, highRows));
            }
        }

        for (; i < bytes.Length; i++)
        {
            words[bytes[i] >> 6] |= 1UL << (bytes[i] & 63);
        }
    }

    // Its values, one after the other; how many.
    private readonly int CopyTo(Span<byte> target)
    {
        int count = 0;
        Span<ulong> words = [_first, _second, _third, _fourth];
        for (int value = 0; value < 256; value++)
        {
            if ((words[value >> 6] >> (value & 63) & 1) != 0)
            {
                target[count++] = (byte)value;
            }
        }

        return count;
    }

    private static ByteSet Of(ReadOnlySpan<ulong> words) => new() { _first = words[0], _second = words[1], _third = words[2], _fourth = words[3] };

    /// <summary>Whether it has all values of another set.</summary>
    public readonly bool HasAll(ByteSet other) =>
        (other._first & ~_first) == 0 && (other._second & ~_second) == 0 && (other._third & ~_third) == 0 && (other._fourth & ~_fourth) == 0;
}
