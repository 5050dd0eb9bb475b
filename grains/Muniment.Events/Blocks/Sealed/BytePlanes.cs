using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>The bytes of equal weight of many numbers, a plane each; and the least and greatest number. With wide vectors where the machine has them.</summary>
internal static class BytePlanes
{
    /// <summary>Least and greatest number; with a step of 1, of the differences to the number before. There is at least one.</summary>
    public static (long Least, long Greatest) Range(ReadOnlySpan<long> values, int step)
    {
        long least = long.MaxValue, greatest = long.MinValue;
        int i = step;
        if (Vector512.IsHardwareAccelerated && values.Length >= 2 * Vector512<long>.Count)
        {
            ref long first = ref MemoryMarshal.GetReference(values);
            Vector512<long> low = Vector512.Create(long.MaxValue), high = Vector512.Create(long.MinValue);
            for (; i + Vector512<long>.Count <= values.Length; i += Vector512<long>.Count)
            {
                Vector512<long> some = Vector512.LoadUnsafe(ref first, (nuint)i);
                some = step == 0 ? some : some - Vector512.LoadUnsafe(ref first, (nuint)(i - 1));
                low = Vector512.Min(low, some);
                high = Vector512.Max(high, some);
            }

            for (int lane = 0; lane < Vector512<long>.Count; lane++)
            {
                least = Math.Min(least, low[lane]);
                greatest = Math.Max(greatest, high[lane]);
            }
        }

        for (; i < values.Length; i++)
        {
            long value = step == 0 ? values[i] : values[i] - values[i - 1];
            least = Math.Min(least, value);
            greatest = Math.Max(greatest, value);
        }

        return (least, greatest);
    }

    /// <summary>Writes one plane of the numbers less the least; with a step of 1, of the differences to the number before.</summary>
    public static void Write(ReadOnlySpan<long> values, int step, long least, int plane, Span<byte> target)
    {
        int shift = 8 * plane;
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            ref long first = ref MemoryMarshal.GetReference(values);
            Vector512<long> low = Vector512.Create(least);
            for (; i + Vector512<byte>.Count <= target.Length; i += Vector512<byte>.Count)
            {
                Vector512<uint> a = Vector512.Narrow(Eight(ref first, i, step, low, shift), Eight(ref first, i + 8, step, low, shift));
                Vector512<uint> b = Vector512.Narrow(Eight(ref first, i + 16, step, low, shift), Eight(ref first, i + 24, step, low, shift));
                Vector512<uint> c = Vector512.Narrow(Eight(ref first, i + 32, step, low, shift), Eight(ref first, i + 40, step, low, shift));
                Vector512<uint> d = Vector512.Narrow(Eight(ref first, i + 48, step, low, shift), Eight(ref first, i + 56, step, low, shift));
                Vector512.Narrow(Vector512.Narrow(a, b), Vector512.Narrow(c, d)).CopyTo(target[i..]);
            }
        }

        for (; i < target.Length; i++)
        {
            long value = step == 0 ? values[i] : values[i + 1] - values[i];
            target[i] = (byte)((ulong)(value - least) >> shift);
        }
    }

    /// <summary>Adds one plane to numbers that have no bits there yet.</summary>
    public static void Read(ReadOnlySpan<byte> bytes, int plane, Span<long> target)
    {
        int shift = 8 * plane;
        int i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            ref long first = ref MemoryMarshal.GetReference(target);
            for (; i + Vector128<byte>.Count <= bytes.Length; i += Vector128<byte>.Count)
            {
                (Vector256<uint> low, Vector256<uint> high) = Widen(Vector128.Create(bytes[i..]));
                (Vector512<ulong> a, Vector512<ulong> b) = (Vector512.Create(Vector256.WidenLower(low), Vector256.WidenUpper(low)), Vector512.Create(Vector256.WidenLower(high), Vector256.WidenUpper(high)));
                Or(ref first, i, a << shift);
                Or(ref first, i + 8, b << shift);
            }
        }

        for (; i < bytes.Length; i++)
        {
            target[i] |= (long)bytes[i] << shift;
        }
    }

    private static Vector512<ulong> Eight(ref long first, int at, int step, Vector512<long> least, int shift)
    {
        Vector512<long> values = Vector512.LoadUnsafe(ref first, (nuint)(at + step));
        return ((step == 0 ? values : values - Vector512.LoadUnsafe(ref first, (nuint)at)) - least).AsUInt64() >>> shift;
    }

    private static (Vector256<uint> Low, Vector256<uint> High) Widen(Vector128<byte> bytes)
    {
        Vector256<ushort> wide = Vector256.Create(Vector128.WidenLower(bytes), Vector128.WidenUpper(bytes));
        return (Vector256.WidenLower(wide), Vector256.WidenUpper(wide));
    }

    private static void Or(ref long first, int at, Vector512<ulong> bits) =>
        (Vector512.LoadUnsafe(ref first, (nuint)at) | bits.AsInt64()).StoreUnsafe(ref first, (nuint)at);
}
