namespace Muniment.Policy.Detectors;

/// <summary>
/// A customer's own detector: a regular expression without lookarounds, backreferences, atomic groups and anchors (<c>\b</c> is allowed), matched in linear time.
/// It sees the normalised text and finds at most <paramref name="MaxLength"/> characters; a pattern that can match white space makes a stream hold back as many.
/// </summary>
/// <param name="Name">1 to 40 of <c>a-z 0-9 _ -</c>, beginning with a letter, not the name of another detector; its placeholder is the same in capitals, <c>-</c> as <c>_</c>. Patterns of one name count together.</param>
/// <param name="Pattern">The expression, at most 512 characters.</param>
/// <param name="MaxLength">Longest match, 1 to 255.</param>
/// <param name="IgnoreCase">Whether capitals and small letters are the same.</param>
public sealed record CustomPattern(string Name, string Pattern, int MaxLength = 64, bool IgnoreCase = false)
{
    /// <summary>Most patterns in a set.</summary>
    public const int MaxCount = 32;

    /// <summary>Longest expression.</summary>
    public const int MaxPatternLength = 512;

    /// <summary>Most that <see cref="MaxLength"/> may be.</summary>
    public const int MaxMatchLength = 255;
}
