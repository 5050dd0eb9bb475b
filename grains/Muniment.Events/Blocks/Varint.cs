using System.Numerics;
using System.Runtime.CompilerServices;

namespace Muniment.Events.Blocks;

/// <summary>Unsigned LEB128 numbers, as in protobuf: 7 bits a byte, lowest first.</summary>
internal static class Varint
{
    /// <summary>Longest form in bytes.</summary>
    public const int MaxSizeBytes = 10;

    /// <summary>Shortest form's length in bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(ulong value) => ((BitOperations.Log2(value | 1) * 9) + 73) >> 6;

    /// <summary>Writes the shortest form; returns its length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> target, ulong value)
    {
        int i = 0;
        while (value >= 0x80)
        {
            target[i++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[i] = (byte)value;
        return i + 1;
    }

    /// <summary>Reads a number of at most 64 bits; false when there is none. Longer forms than needed are accepted, as protobuf does.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> source, ref int at, out ulong value)
    {
        if ((uint)at < (uint)source.Length && source[at] < 0x80)
        {
            value = source[at++];
            return true;
        }

        return TryReadLong(source, ref at, out value);
    }

    /// <summary>Small magnitudes of either sign become small numbers.</summary>
    public static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    /// <summary>Undoes <see cref="ZigZag"/>.</summary>
    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    private static bool TryReadLong(ReadOnlySpan<byte> source, ref int at, out ulong value)
    {
        value = 0;
        for (int i = 0; i < MaxSizeBytes && (uint)(at + i) < (uint)source.Length; i++)
        {
            byte b = source[at + i];
            if (i == MaxSizeBytes - 1 && b > 1)
            {
                return false;
            }

            value |= (ulong)(b & 0x7f) << (7 * i);
            if (b < 0x80)
            {
                at += i + 1;
                return true;
            }
        }

        return false;
    }
}
