using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Muniment.Events.Hashing;

/// <summary>SipHash (Aumasson and Bernstein, 2012) with 64-bit results, over a one-byte prefix and a value, without joining them.</summary>
internal static class SipHash
{
    /// <summary>SipHash-1-3 of <paramref name="prefix"/> ‖ <paramref name="value"/>.</summary>
    public static ulong Hash13(ulong key0, ulong key1, byte prefix, ReadOnlySpan<byte> value) => Hash(key0, key1, prefix, value, 1, 3);

    /// <summary>SipHash-c-d of <paramref name="prefix"/> ‖ <paramref name="value"/>; the published test vectors are for 2-4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Hash(ulong key0, ulong key1, byte prefix, ReadOnlySpan<byte> value, int compressRounds, int finalRounds)
    {
        ulong v0 = key0 ^ 0x736f6d6570736575, v1 = key1 ^ 0x646f72616e646f6d, v2 = key0 ^ 0x6c7967656e657261, v3 = key1 ^ 0x7465646279746573;
        ulong length = (ulong)(value.Length + 1) << 56;
        ulong tail = prefix;
        int tailBytes = 1;
        if (value.Length >= 7)
        {
            ulong word = prefix | (Read7(value) << 8);
            value = value[7..];
            while (true)
            {
                v3 ^= word;
                for (int i = 0; i < compressRounds; i++)
                {
                    Round(ref v0, ref v1, ref v2, ref v3);
                }

                v0 ^= word;
                if (value.Length < 8)
                {
                    break;
                }

                word = BinaryPrimitives.ReadUInt64LittleEndian(value);
                value = value[8..];
            }

            tail = 0;
            tailBytes = 0;
        }

        for (int i = 0; i < value.Length; i++)
        {
            tail |= (ulong)value[i] << (8 * (tailBytes + i));
        }

        tail |= length;
        v3 ^= tail;
        for (int i = 0; i < compressRounds; i++)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }

        v0 ^= tail;
        v2 ^= 0xff;
        for (int i = 0; i < finalRounds; i++)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }

        return v0 ^ v1 ^ v2 ^ v3;
    }

    private static ulong Read7(ReadOnlySpan<byte> value) =>
        BinaryPrimitives.ReadUInt32LittleEndian(value) | ((ulong)BinaryPrimitives.ReadUInt16LittleEndian(value[4..]) << 32) | ((ulong)value[6] << 48);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
