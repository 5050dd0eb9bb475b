namespace Muniment.Events.Blocks.Sealed;

/// <summary>Doubles that are decimal numbers of few digits, as durations and prices are, stored as integers.</summary>
internal static class DoubleForm
{
    private const int MaxScale = 6;
    private const double MaxExact = 9_007_199_254_740_992;

    /// <summary>The integers and the digits behind the point, if all of these bit patterns come back exactly.</summary>
    public static bool TryScale(ReadOnlySpan<long> bits, Span<long> scaled, out int scale)
    {
        scale = 0;
        double power = 1;
        for (int i = 0; i < bits.Length; i++)
        {
            double value = BitConverter.Int64BitsToDouble(bits[i]);
            while (!TryOne(value, power, out scaled[i]))
            {
                if (++scale > MaxScale)
                {
                    return false;
                }

                power = TextForms.Power(scale);
                i = 0;
                value = BitConverter.Int64BitsToDouble(bits[0]);
            }
        }

        return true;
    }

    public static long Bits(long scaled, int scale) => BitConverter.DoubleToInt64Bits(scaled / (double)TextForms.Power(scale));

    private static bool TryOne(double value, double power, out long scaled)
    {
        double wide = Math.Round(value * power);
        scaled = 0;
        if (!(Math.Abs(wide) < MaxExact))
        {
            return false;
        }

        scaled = (long)wide;
        return BitConverter.DoubleToInt64Bits(scaled / power) == BitConverter.DoubleToInt64Bits(value);
    }
}
