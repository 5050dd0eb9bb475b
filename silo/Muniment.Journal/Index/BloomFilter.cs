using System.Numerics;

namespace Muniment.Journal.Index;

/// <summary>
/// Bloom filter over keyed 64-bit hashes of words: 14 bits a word, 8 probes, about one false answer in a thousand. Layout: the bits, least significant first.
/// </summary>
internal static class BloomFilter
{
    private const int BitsPerWord = 14;
    private const int Probes = 8;

    public static byte[] Build(IReadOnlyCollection<ulong> words)
    {
        byte[] bits = new byte[Math.Max(8, words.Count * BitsPerWord / 8)];
        foreach (ulong word in words)
        {
            ulong hash = word;
            for (int i = 0; i < Probes; i++)
            {
                uint bit = Place(hash, bits.Length);
                bits[bit >> 3] |= (byte)(1 << (int)(bit & 7));
                hash = Next(hash);
            }
        }

        return bits;
    }

    public static bool MayContain(ReadOnlySpan<byte> bits, ulong word)
    {
        ulong hash = word;
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

    private static uint Place(ulong hash, int sizeBytes) => (uint)(((hash >> 32) * ((ulong)sizeBytes * 8)) >> 32);

    private static ulong Next(ulong hash) => BitOperations.RotateLeft(hash, 11) * 0x9E37_79B9_7F4A_7C15UL;
}
