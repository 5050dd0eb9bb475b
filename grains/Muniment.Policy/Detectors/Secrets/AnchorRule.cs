using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Secrets;

/// <summary>An issuer's token that begins with letters of its own.</summary>
/// <param name="Id">The detector.</param>
/// <param name="Prefix">How it begins; at least two characters.</param>
/// <param name="Body">What follows.</param>
/// <param name="Min">How many of them at least; more are taken along.</param>
/// <param name="Bits">Entropy that the body must have: below it, it is a placeholder or a word.</param>
/// <param name="Exact">Not one character of <see cref="Ends"/> more than <paramref name="Min"/>.</param>
internal sealed record AnchorRule(DetectorId Id, string Prefix, CharClass Body, int Min, float Bits, bool Exact = false)
{
    /// <summary>Characters that must not follow an exact body.</summary>
    public CharClass Ends { get; init; } = CharClass.Alnum;

    /// <summary>What the body must look like besides; null asks nothing.</summary>
    public Func<ReadOnlySpan<char>, bool>? Shape { get; init; }

    /// <summary>Key words of which one must stand before it; null asks nothing.</summary>
    public WordList? Near { get; init; }

    /// <summary>Looks for the token at a place where <see cref="Prefix"/> may stand.</summary>
    public void Find(in Scan scan, int start)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (!scan.Has(Id) || !text[start..].StartsWith(Prefix, StringComparison.Ordinal))
        {
            return;
        }

        int bound = scan.Bound(start), body = start + Prefix.Length;
        int end = Chars.RunEnd(text, body, bound, Body);
        if (end - body < Min || (Exact && end - body > Min))
        {
            return;
        }

        if (Exact && end < text.Length && Chars.Is(text[end], Ends))
        {
            return;
        }

        bool open = end == start + ScanLimits.Hold;
        while (!open && end > body && text[end - 1] is '.' or '/')
        {
            end--;
        }

        ReadOnlySpan<char> found = text[body..end];
        if (found.Length < Min || Entropy.Of(found) < Bits || (Shape is not null && !Shape(found)) || (Near is not null && !Near.StandsBefore(text, start, 60)))
        {
            return;
        }

        scan.AddRun(Id, start, end, Swallow.Token);
    }
}
