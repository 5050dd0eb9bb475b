using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Muniment.Policy.Detectors.Scanning;

/// <summary>Digits in groups that single signs part (space, dash, dot, slash), read from where the first group begins: at most 40 digits in 8 groups.</summary>
internal struct NumberRun
{
    /// <summary>Most digits that are read.</summary>
    public const int MaxDigits = 40;

    /// <summary>Most groups that are read.</summary>
    public const int MaxGroups = 8;

    private Digits _digits;
    private Places _lengths;
    private Places _ends;
    private Signs _signs;

    /// <summary>Where the first digit stands.</summary>
    public int Start { get; private set; }

    /// <summary>Digits read.</summary>
    public int Count { get; private set; }

    /// <summary>Groups read.</summary>
    public int Groups { get; private set; }

    /// <summary>The digits as their values, without the signs.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Values => ((ReadOnlySpan<byte>)_digits)[..Count];

    /// <summary>How many digits a group has; 0 beyond the last.</summary>
    public readonly int Length(int group) => group < Groups ? _lengths[group] : 0;

    /// <summary>After the last digit of a group.</summary>
    public readonly int End(int group) => Start + _ends[group];

    /// <summary>The sign after a group; NUL after the last.</summary>
    public readonly char Sign(int group) => group < Groups ? _signs[group] : '\0';

    /// <summary>Whether the first groups have just these lengths, and one and the same of the allowed signs between them.</summary>
    public readonly bool Is(ReadOnlySpan<byte> lengths, string signs)
    {
        if (Groups < lengths.Length || (lengths.Length > 1 && !signs.Contains(Sign(0))))
        {
            return false;
        }

        for (int i = 0; i < lengths.Length; i++)
        {
            if (_lengths[i] != lengths[i] || (i < lengths.Length - 1 && _signs[i] != _signs[0]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// Whether a number made of the first <paramref name="groups"/> groups stands alone: it is no part of a longer one, of a word, or of a decimal.
    /// A space may part it from other numbers.
    /// </summary>
    public readonly bool Alone(ReadOnlySpan<char> text, int groups)
    {
        char sign = groups > 1 ? Sign(0) : ' ';
        if (Start > 1 && text[Start - 1] is '-' or '.' or '/' && Chars.IsDigit(text[Start - 2]) && (sign != ' ' || text[Start - 1] == '.' || groups == 1))
        {
            return false;
        }

        int end = End(groups - 1);
        if (end >= text.Length)
        {
            return true;
        }

        char after = text[end];
        bool digitFollows = end + 1 < text.Length && Chars.IsDigit(text[end + 1]);
        return !Chars.IsWord(after) && !(digitFollows && (after is '-' or '.' || (after == '/' && groups > 1 && sign == '/')));
    }

    /// <summary>Reads the run that begins there.</summary>
    public static NumberRun Read(in Scan scan, int start)
    {
        NumberRun run = default;
        run.Start = start;
        ReadOnlySpan<char> text = scan.Text;
        int bound = scan.Bound(start), i = start;
        while (run.Groups < MaxGroups && run.Count < MaxDigits)
        {
            int first = run.Count;
            while (i < bound && run.Count < MaxDigits && Chars.IsDigit(text[i]))
            {
                run._digits[run.Count++] = (byte)(text[i++] - '0');
            }

            run._lengths[run.Groups] = (byte)(run.Count - first);
            run._ends[run.Groups] = (byte)(i - start);
            bool next = i + 1 < bound && text[i] is ' ' or '-' or '.' or '/' && Chars.IsDigit(text[i + 1]);
            run._signs[run.Groups++] = next ? text[i] : '\0';
            if (!next)
            {
                break;
            }

            i++;
        }

        return run;
    }

    [InlineArray(MaxDigits)]
    private struct Digits
    {
        private byte _first;
    }

    [InlineArray(MaxGroups)]
    private struct Places
    {
        private byte _first;
    }

    [InlineArray(MaxGroups)]
    private struct Signs
    {
        private char _first;
    }
}
