using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Muniment.Events.Blocks;

/// <summary>
/// The LZ4 block format (github.com/lz4/lz4, doc/lz4_Block_format.md), because commit blocks are read again within seconds, several times, and Brotli takes six times as long for
/// that. The compressor finds matches by one table of the last places; the decompressor checks every length against both ends, so that hostile bytes can only be refused.
/// </summary>
internal static class Lz4
{
    private const int MinMatch = 4;
    private const int LastLiterals = 5;
    private const int MatchLimit = 12; // no match begins in the last 12 bytes
    private const int MaxOffset = 65_535;
    private const int TableBits = 15;
    private const int SkipBits = 3; // the step grows by one after each 8 places without a match: a fifth faster than 64, for half a percent of size

    /// <summary>A table for <see cref="Compress"/>, used by one call at a time.</summary>
    public static int[] NewTable() => new int[1 << TableBits];

    /// <summary>Room that is always enough.</summary>
    public static int MaxCompressedSize(int length) => checked(length + (length / 255) + 32);

    /// <summary>Compresses into <paramref name="target"/>, which has <see cref="MaxCompressedSize"/>; how many bytes it became.</summary>
    public static int Compress(ReadOnlySpan<byte> content, Span<byte> target, int[] table)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, MaxCompressedSize(content.Length));
        Array.Clear(table);
        ref byte source = ref MemoryMarshal.GetReference(content);
        ref int places = ref MemoryMarshal.GetArrayDataReference(table);
        int lastStart = content.Length - MatchLimit;
        int matchEnd = content.Length - LastLiterals;
        int anchor = 0;
        int written = 0;
        int at = 1;
        while (true)
        {
            int match;
            int tries = 1 << SkipBits;
            while (true)
            {
                if (at > lastStart)
                {
                    return Last(content[anchor..], target, written);
                }

                ulong next = Read8(ref source, at);
                ref int place = ref Unsafe.Add(ref places, Slot(next));
                match = place;
                place = at;
                if (at - match <= MaxOffset && Read4(ref source, match) == (uint)next)
                {
                    break;
                }

                at += tries++ >> SkipBits;
            }

            while (at > anchor && match > 0 && Unsafe.Add(ref source, at - 1) == Unsafe.Add(ref source, match - 1))
            {
                at--;
                match--;
            }

            int length = MinMatch + Same(ref source, at + MinMatch, match + MinMatch, matchEnd);
            written = Sequence(content, anchor, at - anchor, at - match, length - MinMatch, target, written);
            at += length;
            anchor = at;
            if (at <= lastStart)
            {
                Unsafe.Add(ref places, Slot(Read8(ref source, at - 2))) = at - 2;
            }
        }
    }

    /// <summary>Decompresses to exactly the target's length; false when the bytes are anything else.</summary>
    public static bool TryDecompress(ReadOnlySpan<byte> compressed, Span<byte> target)
    {
        ref byte source = ref MemoryMarshal.GetReference(compressed);
        ref byte output = ref MemoryMarshal.GetReference(target);
        int at = 0;
        int done = 0;
        while (at < compressed.Length)
        {
            int token = Unsafe.Add(ref source, at++);
            int literals = token >> 4;
            if (literals == 15 && !TryLength(compressed, ref at, ref literals) || literals > compressed.Length - at || literals > target.Length - done)
            {
                return false;
            }

            if (literals <= 16 && compressed.Length - at >= 16 && target.Length - done >= 16)
            {
                Copy16(ref Unsafe.Add(ref output, done), ref Unsafe.Add(ref source, at));
            }
            else
            {
                compressed.Slice(at, literals).CopyTo(target[done..]);
            }

            at += literals;
            done += literals;
            if (at == compressed.Length)
            {
                return done == target.Length;
            }

            if (compressed.Length - at < 2)
            {
                return false;
            }

            int offset = Unsafe.Add(ref source, at) | Unsafe.Add(ref source, at + 1) << 8;
            at += 2;
            int length = token & 15;
            if (length == 15 && !TryLength(compressed, ref at, ref length))
            {
                return false;
            }

            length += MinMatch;
            if (offset == 0 || offset > done || length > target.Length - done)
            {
                return false;
            }

            int from = done - offset;
            if (offset >= 16 && length <= 32 && target.Length - done >= 32)
            {
                Copy16(ref Unsafe.Add(ref output, done), ref Unsafe.Add(ref output, from));
                Copy16(ref Unsafe.Add(ref output, done + 16), ref Unsafe.Add(ref output, from + 16));
            }
            else if (offset >= length)
            {
                target.Slice(from, length).CopyTo(target[done..]);
            }
            else
            {
                for (int i = 0; i < length; i++)
                {
                    target[done + i] = target[from + i]; // it repeats what it is writing
                }
            }

            done += length;
        }

        return false;
    }

    private static int Sequence(ReadOnlySpan<byte> content, int anchor, int literals, int offset, int extra, Span<byte> target, int written)
    {
        ref byte output = ref MemoryMarshal.GetReference(target);
        Unsafe.Add(ref output, written++) = (byte)(Math.Min(literals, 15) << 4 | Math.Min(extra, 15));
        written = Length(literals, target, written);
        if (literals <= 16 && content.Length - anchor >= 16)
        {
            // Most are short. The target always has room for more than is counted.
            Copy16(ref Unsafe.Add(ref output, written), ref Unsafe.Add(ref MemoryMarshal.GetReference(content), anchor));
        }
        else
        {
            content.Slice(anchor, literals).CopyTo(target[written..]);
        }

        written += literals;
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref output, written), BitConverter.IsLittleEndian ? (ushort)offset : BinaryPrimitives.ReverseEndianness((ushort)offset));
        return Length(extra, target, written + 2);
    }

    private static int Last(ReadOnlySpan<byte> literals, Span<byte> target, int written)
    {
        target[written++] = (byte)(Math.Min(literals.Length, 15) << 4);
        written = Length(literals.Length, target, written);
        literals.CopyTo(target[written..]);
        return written + literals.Length;
    }

    private static int Length(int length, Span<byte> target, int written)
    {
        if (length < 15)
        {
            return written;
        }

        for (length -= 15; length >= 255; length -= 255)
        {
            target[written++] = 255;
        }

        target[written++] = (byte)length;
        return written;
    }

    private static bool TryLength(ReadOnlySpan<byte> compressed, ref int at, ref int length)
    {
        while (at < compressed.Length)
        {
            byte more = compressed[at++];
            length += more;
            if (more < 255)
            {
                return true;
            }

            if (length > int.MaxValue / 2)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>How many bytes are the same from two places on, up to an end of the first.</summary>
    private static int Same(ref byte source, int at, int match, int end)
    {
        int start = at;
        for (; at + 8 <= end; at += 8, match += 8)
        {
            ulong differ = Read8(ref source, at) ^ Read8(ref source, match);
            if (differ != 0)
            {
                return at + (BitOperations.TrailingZeroCount(differ) >> 3) - start;
            }
        }

        while (at < end && Unsafe.Add(ref source, at) == Unsafe.Add(ref source, match))
        {
            at++;
            match++;
        }

        return at - start;
    }

    // Five bytes choose the slot: more of the matches found are long ones.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Slot(ulong next) => (int)((next << 24) * 889_523_592_379UL >> (64 - TableBits));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read8(ref byte source, int at) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref source, at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Read4(ref byte source, int at) => Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref source, at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy16(ref byte target, ref byte source) => Unsafe.WriteUnaligned(ref target, Unsafe.ReadUnaligned<Int128>(ref source));
}
