using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Muniment.Events.Terms;

namespace Muniment.Journal.Sealing;

/// <summary>
/// Cuts ASCII texts into words and hashes those that were not seen a moment ago. Letters, digits and what lies between them are told apart 32 bytes at a time, and a word of up to 16 bytes is
/// known again as two numbers, before it costs a keyed hash. Used by one thread at a time.
/// </summary>
internal sealed class WordTable(HashSlots hashes)
{
    private const int SeenSlots = 1 << 12;
    private const int ChunkBytes = 64;
    private const int ShortBytes = 16;
    private const int KeptTextBytes = 64 * 1024;

    private readonly (ulong First, ulong Second)[] _seen = new (ulong, ulong)[SeenSlots];
    private readonly byte[] _digits = new byte[32 + ShortBytes];

    // The text folded, with zeros for all that belongs to no word, and room behind it.
    private byte[] _folded = new byte[1024];
    private TermHasher _hasher;

    /// <summary>What words are hashed with.</summary>
    public TermHasher Hasher => _hasher;

    /// <summary>Begins a block.</summary>
    public void Begin(TermHasher hasher)
    {
        _hasher = hasher;
        Array.Clear(_seen);
        if (_folded.Length > KeptTextBytes)
        {
            _folded = new byte[1024];
        }
    }

    /// <summary>The words of a text that is ASCII.</summary>
    public void AddAscii(ReadOnlySpan<byte> text)
    {
        int chunks = (text.Length + ChunkBytes - 1) / ChunkBytes;
        if (_folded.Length < (chunks * ChunkBytes) + ShortBytes)
        {
            _folded = new byte[(2 * chunks * ChunkBytes) + ShortBytes];
        }

        Span<byte> rest = stackalloc byte[ChunkBytes];
        ulong carry = 0;
        int start = -1;
        for (int i = 0; i < chunks; i++)
        {
            int at = i * ChunkBytes;
            scoped ReadOnlySpan<byte> chunk = text[at..];
            if (chunk.Length < ChunkBytes)
            {
                rest.Clear();
                chunk.CopyTo(rest);
                chunk = rest;
            }

            // A bit for each byte of a word; where it changes, a word begins or ends.
            ulong word = Fold(chunk, _folded.AsSpan(at, ChunkBytes));
            ulong edges = word ^ ((word << 1) | carry);
            carry = word >> (ChunkBytes - 1);
            for (; edges != 0; edges &= edges - 1)
            {
                int edge = at + BitOperations.TrailingZeroCount(edges);
                if (start < 0)
                {
                    start = edge;
                }
                else
                {
                    Add(_folded, start, edge - start);
                    start = -1;
                }
            }
        }

        if (start >= 0)
        {
            Add(_folded, start, text.Length - start);
        }
    }

    /// <summary>A number's digits, at least so many.</summary>
    public void AddNumber(ulong number, int leastDigits = 1)
    {
        int at = 32;
        for (; number >= 100; leastDigits -= 2)
        {
            (number, ulong pair) = Math.DivRem(number, 100);
            at -= 2;
            _digits[at] = (byte)('0' + (pair / 10));
            _digits[at + 1] = (byte)('0' + (pair % 10));
        }

        for (; number > 0 || leastDigits > 0; leastDigits--)
        {
            _digits[--at] = (byte)('0' + (number % 10));
            number /= 10;
        }

        Add(_digits, at, 32 - at);
    }

    // A word whose place another one took over is hashed again, which does no harm.
    private void Add(byte[] bytes, int start, int length)
    {
        ref byte first = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(bytes), start);
        if (length <= ShortBytes)
        {
            ulong low = Unsafe.ReadUnaligned<ulong>(ref first), high = 0;
            if (length <= sizeof(ulong))
            {
                low = Cut(low, length);
            }
            else
            {
                high = Cut(Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, sizeof(ulong))), length - sizeof(ulong));
            }

            ulong mixed = (low ^ BitOperations.RotateLeft(high * 0x9E37_79B9_7F4A_7C15, 31)) * 0xD6E8_FEB8_6659_FD93;
            ref (ulong First, ulong Second) slot = ref _seen[(int)(mixed >> 52)];
            if (slot.First == low && slot.Second == high)
            {
                return;
            }

            slot = (low, high);
        }

        hashes.Add(_hasher.HashWord(bytes.AsSpan(start, Math.Min(length, TextWords.MaxLength))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Cut(ulong bytes, int length) => BitConverter.IsLittleEndian
        ? bytes & (ulong.MaxValue >> (64 - (8 * length)))
        : BinaryPrimitives.ReverseEndianness(bytes) & (ulong.MaxValue >> (64 - (8 * length)));

    private static ulong Fold(ReadOnlySpan<byte> chunk, Span<byte> folded)
    {
        if (Vector256.IsHardwareAccelerated)
        {
            return FoldHalf(chunk, folded) | ((ulong)FoldHalf(chunk[(ChunkBytes / 2)..], folded[(ChunkBytes / 2)..]) << (ChunkBytes / 2));
        }

        ulong word = 0;
        for (int i = 0; i < ChunkBytes; i++)
        {
            byte lower = (byte)(chunk[i] | 0x20);
            bool letter = lower is >= (byte)'a' and <= (byte)'z', digit = chunk[i] is >= (byte)'0' and <= (byte)'9';
            folded[i] = letter ? lower : digit ? chunk[i] : (byte)0;
            word |= letter || digit ? 1UL << i : 0;
        }

        return word;
    }

    private static uint FoldHalf(ReadOnlySpan<byte> chunk, Span<byte> folded)
    {
        Vector256<byte> bytes = Vector256.Create(chunk);
        Vector256<byte> lower = bytes | Vector256.Create((byte)0x20);
        Vector256<byte> letter = Vector256.LessThanOrEqual(lower - Vector256.Create((byte)'a'), Vector256.Create((byte)25));
        Vector256<byte> digit = Vector256.LessThanOrEqual(bytes - Vector256.Create((byte)'0'), Vector256.Create((byte)9));
        ((letter & lower) | (digit & bytes)).CopyTo(folded);
        return (letter | digit).ExtractMostSignificantBits();
    }
}
