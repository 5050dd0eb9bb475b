using System.Buffers;

namespace Muniment.Policy.Detectors.Scanning;

/// <summary>Key words of a detector, in any case of letters.</summary>
internal sealed class WordList(params string[] words)
{
    private readonly SearchValues<string> _any = SearchValues.Create(words, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether one of the words stands within <paramref name="reach"/> characters before <paramref name="start"/>, as a word of its own (also within <c>snake_case</c> and <c>camelCase</c>).</summary>
    public bool StandsBefore(ReadOnlySpan<char> text, int start, int reach)
    {
        ReadOnlySpan<char> window = text[Math.Max(0, start - Math.Min(reach, ScanLimits.Before))..start];
        if (!window.ContainsAny(_any))
        {
            return false; // nearly always
        }

        foreach (string word in words)
        {
            for (int at = 0; at < window.Length;)
            {
                int found = window[at..].IndexOf(word, StringComparison.OrdinalIgnoreCase);
                if (found < 0)
                {
                    break;
                }

                int first = at + found, after = first + word.Length;
                bool begins = first == 0 || !char.IsLetter(window[first - 1]) || (char.IsAsciiLetterUpper(window[first]) && char.IsAsciiLetterLower(window[first - 1]));
                bool ends = after == window.Length || !char.IsAsciiLetterLower(window[after]);
                if (begins && ends)
                {
                    return true;
                }

                at = first + 1;
            }
        }

        return false;
    }
}
