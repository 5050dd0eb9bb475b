namespace Muniment.Policy.Detectors.Scanning;

/// <summary>What stands before a value, without which digits or letters alone prove little.</summary>
internal static class Context
{
    /// <summary>Whether a text stands within <paramref name="reach"/> characters before <paramref name="start"/>, in any case of letters.</summary>
    public static bool Has(ReadOnlySpan<char> text, int start, int reach, string part) =>
        text[Math.Max(0, start - Math.Min(reach, ScanLimits.Before))..start].Contains(part, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// The word right before <paramref name="end"/>, across spaces and quotes: for <c>"Password" :</c> it is <c>Password</c>. Letters, digits, <c>_</c>, <c>-</c> and <c>.</c>; empty when there is none.
    /// </summary>
    public static ReadOnlySpan<char> WordBefore(ReadOnlySpan<char> text, int end, out int start)
    {
        int floor = Math.Max(0, end - 64), stop = end;
        while (stop > floor && text[stop - 1] is ' ' or '\t' or '"' or '\'' or '\\')
        {
            stop--;
        }

        start = stop;
        while (start > floor && (Chars.Is(text[start - 1], CharClass.Url64) || text[start - 1] == '.'))
        {
            start--;
        }

        return text[start..stop];
    }
}
