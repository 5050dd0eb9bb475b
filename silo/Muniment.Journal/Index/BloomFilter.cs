using System.Numerics;
using Muniment.Journal.Sealing;

namespace Muniment.Journal.Index;

/// <summary>
/// Bloom filter over keyed 64-bit hashes of words: 11 bits a word, 8 probes, about five false answers in a thousand. Layout: the bits, least significant first.
/// </summary>
internal static class BloomFilter
{
    private const int BitsPerWord = 11;
    private const int Probes = 8;

    public static byte[] Build(HashSlots words, long firstSeq)
    {
        byte[] bits = new byte[Math.Max(8, words.Count * BitsPerWord / 8)];
        foreach (ulong word in words.Slots)
        {
            if (word != 0)
            {
                Add(bits, word, firstSeq);
            }
        }

        if (words.HasZero)
        {
            Add(bits, 0, firstSeq);
        }

        return bits;
    }

    private static void Add(byte[] bits, ulong word, long firstSeq)
    {
        ulong hash = Begin(word, firstSeq);
        for (int i = 0; i < Probes; i++)
        {
            uint bit = Place(hash, bits.Length);
            bits[bit >> 3] |= (byte)(1 << (int)(bit & 7));
            hash = Next(hash);
        }
    }

    public static bool MayContain(ReadOnlySpan<byte> bits, ulong word, long firstSeq)
    {
        ulong hash = Begin(word, firstSeq);
        for (int i = 0; i < Probes; i++)
        {
            uint bit = Place(hash, bits.Length);
            if ((bits[(int)(bit >> 3)] & (1 << (int)(bit & 7))) == 0)
            {
                return false;
            }

            hash = Next(hash);
        }

        return true;
    }

    /// <summary>
    /// Blocks share most of their vocabulary, so without the block's own number a word that collides with it in one block would collide in all of them.
    /// </summary>
    private static ulong Begin(ulong word, long firstSeq) => Next(word ^ (((ulong)firstSeq + 1) * 0xD6E8_FEB8_6659_FD93UL));

    private static uint Place(ulong hash, int sizeBytes) => (uint)(((hash >> 32) * ((ulong)sizeBytes * 8)) >> 32);

    private static ulong Next(ulong hash) => BitOperations.RotateLeft(hash, 11) * 0x9E37_79B9_7F4A_7C15UL;
}
