using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// Hashes of values for tables inside this process, by multiplying and folding 16 bytes at a time (as wyhash does), under keys of its own: senders choose the values. Never stored, and
/// nothing is told apart by it alone.
/// </summary>
internal static class ValueHash
{
    private static readonly ulong _key0 = MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(8)) | 1;
    private static readonly ulong _key1 = MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(8)) | 1;

    public static ulong Of(ReadOnlySpan<byte> value)
    {
        ref byte bytes = ref MemoryMarshal.GetReference(value);
        int length = value.Length;
        ulong state = _key0 ^ (ulong)length;
        ulong first, last;
        if (length > 16)
        {
            int at = 0;
            do
            {
                state = Fold(Read8(ref bytes, at) ^ _key1, Read8(ref bytes, at + 8) ^ state);
                at += 16;
            }
            while (at + 16 < length);
            (first, last) = (Read8(ref bytes, length - 16), Read8(ref bytes, length - 8));
        }
        else if (length >= 8)
        {
            (first, last) = (Read8(ref bytes, 0), Read8(ref bytes, length - 8));
        }
        else if (length >= 4)
        {
            (first, last) = (Read4(ref bytes, 0), Read4(ref bytes, length - 4));
        }
        else
        {
            first = length > 0 ? ((ulong)bytes << 16) | ((ulong)Unsafe.Add(ref bytes, length >> 1) << 8) | Unsafe.Add(ref bytes, length - 1) : 0;
            last = 0;
        }

        return Fold(_key1 ^ (ulong)length, Fold(first ^ _key1, last ^ state));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Fold(ulong a, ulong b)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read8(ref byte bytes, int at) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref bytes, at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read4(ref byte bytes, int at) => Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref bytes, at));
}
