using System.Text.RegularExpressions;

namespace Muniment.Policy.Detectors.Scanning;

/// <summary>
/// A customer's pattern, compiled. Whether it matches at a place is asked of a window of <see cref="CustomPattern.MaxLength"/> characters from there (and one on each
/// side for <c>\b</c>), never of what happens to be at hand, so that a stream and a whole text agree.
/// </summary>
internal sealed class CustomDetector
{
    private const int SliceLength = 512, WorkPerChar = 32, WorkMin = 1 << 18;

    private readonly Regex _regex;

    private CustomDetector(CustomPattern pattern, Regex regex, bool compact)
    {
        Pattern = pattern;
        _regex = regex;
        IsCompact = compact;
    }

    /// <summary>What it was made from.</summary>
    public CustomPattern Pattern { get; }

    /// <summary>Whether it can match nothing that contains white space, quotes or the like, so that a stream need hold back no more than the current word.</summary>
    public bool IsCompact { get; }

    /// <summary>Compiles; says what was expected when it cannot.</summary>
    public static CustomDetector? Create(CustomPattern pattern, out DetectorError? error)
    {
        error = null;
        string field = pattern.Name;
        if (pattern.Name is not { Length: >= 1 and <= 40 } || !char.IsAsciiLetterLower(pattern.Name[0]) || !pattern.Name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '_' or '-') || DetectorCatalog.TryFind(pattern.Name, out _))
        {
            error = new DetectorError(field, "a name of 1 to 40 of a-z 0-9 _ - that begins with a letter and is no built-in detector's");
        }
        else if (pattern.Pattern is not { Length: >= 1 and <= CustomPattern.MaxPatternLength })
        {
            error = new DetectorError(field, $"a pattern of 1 to {CustomPattern.MaxPatternLength} characters");
        }
        else if (pattern.MaxLength is < 1 or > CustomPattern.MaxMatchLength)
        {
            error = new DetectorError(field, $"max_length of 1 to {CustomPattern.MaxMatchLength}");
        }
        else if (Traits(pattern.Pattern, out bool compact) is { } anchor)
        {
            error = new DetectorError(field, $"a pattern without the anchor {anchor}: a stream has no lines and no end to hold on to (\\b is allowed)");
        }
        else
        {
            try
            {
                RegexOptions options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | (pattern.IgnoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
                Regex regex = new(pattern.Pattern, options, TimeSpan.FromMilliseconds(500));
                if (regex.IsMatch(""))
                {
                    error = new DetectorError(field, "a pattern that does not match the empty text");
                    return null;
                }

                return new CustomDetector(pattern, regex, compact);
            }
            catch (NotSupportedException)
            {
                error = new DetectorError(field, "a pattern without lookarounds, backreferences, conditions and atomic groups, and of moderate size (large counted repetitions grow too big)");
            }
            catch (ArgumentException exception)
            {
                error = new DetectorError(field, "a valid regular expression: " + exception.Message);
            }
        }

        return null;
    }

    /// <summary>Adds the matches that begin in the range; false when it took too much work.</summary>
    public bool Find(ReadOnlySpan<char> text, int from, int to, int index, HitList hits)
    {
        long work = WorkMin + ((long)WorkPerChar * (to - from));
        try
        {
            for (int place = from; place < to;)
            {
                int sliceStart = Math.Max(0, place - 1), sliceEnd = Math.Min(text.Length, place + SliceLength);
                if (!First(text[sliceStart..sliceEnd], place - sliceStart, out int found, out int length))
                {
                    work -= sliceEnd - place;
                    place = sliceEnd == text.Length ? to : Math.Max(place + 1, sliceEnd - Pattern.MaxLength - 1);
                }
                else
                {
                    place = sliceStart + found;
                    work -= length + SliceLength / 8;
                    if (place < to && InWindow(text, place) is int taken and > 0)
                    {
                        hits.Add(new Hit(place, place + taken, index, Swallow.None));
                    }

                    place++;
                }

                if (work < 0)
                {
                    return false;
                }
            }

            return true;
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private int InWindow(ReadOnlySpan<char> text, int start)
    {
        int end = Math.Min(text.Length, start + Pattern.MaxLength + 1), before = Math.Max(0, start - 1);
        if (IsCompact)
        {
            int i = start;
            while (i < end && !Chars.IsBarrier(text[i]))
            {
                i++;
            }

            end = Math.Min(end, i + 1);
        }

        return First(text[before..end], start - before, out int found, out int length) && found == start - before && length <= Pattern.MaxLength && (!IsCompact || start + length < end || end == text.Length || !Chars.IsBarrier(text[end - 1]))
            ? length
            : 0;
    }

    private bool First(ReadOnlySpan<char> text, int start, out int found, out int length)
    {
        foreach (ValueMatch match in _regex.EnumerateMatches(text, start))
        {
            (found, length) = (match.Index, match.Length);
            return true;
        }

        (found, length) = (0, 0);
        return false;
    }

    /// <summary>The first anchor in a pattern that streams cannot honour, and whether every atom of it is plainly no white space.</summary>
    private static string? Traits(string pattern, out bool compact)
    {
        compact = true;
        bool set = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            char c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                char escaped = pattern[++i];
                if (!set && escaped is 'A' or 'Z' or 'z' or 'G')
                {
                    return "\\" + escaped;
                }

                compact &= escaped is 'd' or 'w' or 'b' || (!char.IsLetterOrDigit(escaped) && !Chars.IsBarrier(escaped));
            }
            else if (set)
            {
                compact &= c != '^' && (c == ']' || c == '-' || !Chars.IsBarrier(c));
                set = c != ']';
            }
            else if (c == '[')
            {
                set = true;
            }
            else if (c is '^' or '$')
            {
                return c.ToString();
            }
            else
            {
                compact &= c != '.' && (c is '<' or '>' || !Chars.IsBarrier(c));
            }
        }

        return null;
    }
}
