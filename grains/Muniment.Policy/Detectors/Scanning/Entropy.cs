namespace Muniment.Policy.Detectors.Scanning;

/// <summary>How random a token looks: Shannon's entropy of its characters, in bits a character.</summary>
internal static class Entropy
{
    private static readonly float[] Weighted = [0, .. Enumerable.Range(1, ScanLimits.Hold).Select(n => n * MathF.Log2(n))];

    /// <summary>Bits a character; 0 for nothing, at most 7. Reads at most <see cref="ScanLimits.Hold"/> characters.</summary>
    public static float Of(ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, ScanLimits.Hold)];
        if (text.IsEmpty)
        {
            return 0;
        }

        Span<ushort> counts = stackalloc ushort[128];
        counts.Clear();
        foreach (char c in text)
        {
            counts[c & 127]++;
        }

        float sum = 0;
        foreach (ushort count in counts)
        {
            sum += Weighted[count];
        }

        return MathF.Log2(text.Length) - (sum / text.Length);
    }
}
