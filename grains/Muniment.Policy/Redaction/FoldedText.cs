namespace Muniment.Policy.Redaction;

/// <summary>
/// A text as detectors see it, with the way back. Most texts contain nothing to fold and are seen as they are. What is left out belongs to the character
/// after it, so that a stream never has to wait for what might still be left out.
/// </summary>
internal readonly struct FoldedText
{
    /// <summary>So many invisible characters in a row are seen as a <see cref="Gap"/>, which ends any match: what waits to be attached has a bound.</summary>
    public const int InvisibleMax = 4096;

    /// <summary>What too many invisible characters look like.</summary>
    public const char Gap = '\uFFFC';

    private readonly char[]? _chars;
    private readonly List<(int Index, int Shift)>? _shifts; // from which character on the source is ahead, and by how much
    private readonly int _length;

    private FoldedText(char[]? chars, List<(int, int)>? shifts, int length) => (_chars, _shifts, _length) = (chars, shifts, length);

    /// <summary>Folds a whole text.</summary>
    public static FoldedText Of(ReadOnlySpan<char> text)
    {
        if (!NeedsFolding(text))
        {
            return new FoldedText(null, null, text.Length);
        }

        bool escapes = text.Contains("\\u", StringComparison.Ordinal);
        char[] chars = GC.AllocateUninitializedArray<char>(text.Length);
        List<(int, int)>? shifts = null;
        int length = 0, shift = 0, taken = 0; // taken: characters of the source that belong to the first length ones
        for (int i = 0; i < text.Length; i++)
        {
            if (!escapes && taken == i)
            {
                int plain = text[i..].IndexOfAnyExceptInRange('\0', '\x7f');
                plain = plain < 0 ? text.Length - i : plain;
                text.Slice(i, plain).CopyTo(chars.AsSpan(length));
                length += plain;
                i = taken = i + plain;
                if (i == text.Length)
                {
                    break;
                }
            }

            bool seen = Next(text, ref i, out char c);
            if (seen || i + 1 - taken >= InvisibleMax)
            {
                chars[length] = seen ? c : Gap;
                taken = i + 1;
                if (taken - length - 1 != shift)
                {
                    shift = taken - length - 1;
                    (shifts ??= []).Add((length, shift));
                }

                length++;
            }
        }

        return new FoldedText(chars, shifts, length);
    }

    /// <summary>The text as detectors see it.</summary>
    public ReadOnlySpan<char> View(ReadOnlySpan<char> source) => _chars is null ? source : _chars.AsSpan(0, _length);

    /// <summary>Where in the source a character begins, what was left out before it included; for the place after the last, where that ends.</summary>
    public int SourceStart(int index)
    {
        if (_shifts is null || index == 0)
        {
            return index;
        }

        int low = 0, high = _shifts.Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            (low, high) = _shifts[middle].Index <= index - 1 ? (middle + 1, high) : (low, middle);
        }

        return index + (low == 0 ? 0 : _shifts[low - 1].Shift);
    }

    /// <summary>The first character that begins at or after a place of the source.</summary>
    public int IndexOf(int source)
    {
        int low = 0, high = _length;
        while (_shifts is not null && low < high)
        {
            int middle = (low + high) >> 1;
            (low, high) = SourceStart(middle) < source ? (middle + 1, high) : (low, middle);
        }

        return _shifts is null ? source : low;
    }

    /// <summary>Whether anything in the text is seen otherwise than it is written.</summary>
    public static bool NeedsFolding(ReadOnlySpan<char> text)
    {
        if (text.Contains("\\u", StringComparison.Ordinal))
        {
            return true;
        }

        for (int i = 0; i < text.Length; i++)
        {
            int found = text[i..].IndexOfAnyExceptInRange('\0', '\x7f');
            if (found < 0)
            {
                return false;
            }

            i += found;
            if (FoldTable.TryFold(text[i], out _) || (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]) && FoldTable.TryFold(text[i], text[i + 1], out _)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Characters of an escape <c>\uXXXX</c>, which is seen as the letter or sign of ASCII that it stands for, wherever it is written.</summary>
    public const int EscapeLength = 6;

    /// <summary>Whether a text may be the beginning of such an escape, too short to say.</summary>
    public static bool IsEscapeBegun(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!(i == 0 ? text[i] == '\\' : i == 1 ? text[i] == 'u' : char.IsAsciiHexDigit(text[i])))
            {
                return false;
            }
        }

        return text.Length < EscapeLength;
    }

    /// <summary>The printable ASCII character that an escape stands for, or NUL.</summary>
    public static char Escaped(ReadOnlySpan<char> text) =>
        text[0] == '\\' && text[1] == 'u' && text[2] == '0' && text[3] == '0' && char.IsAsciiHexDigit(text[4]) && char.IsAsciiHexDigit(text[5])
        && Convert.ToInt32(text[4..6].ToString(), 16) is int value and > 0x20 and < 0x7f and not ('"' or '\\') ? (char)value : '\0';

    /// <summary>What detectors see of the character at a place; false when nothing. Moves on to the second half of a pair that is seen as one character.</summary>
    public static bool Next(ReadOnlySpan<char> text, ref int index, out char folded)
    {
        char c = text[index];
        folded = c;
        if (c < 0x80)
        {
            if (c == '\\' && index + EscapeLength <= text.Length && Escaped(text.Slice(index, EscapeLength)) is char written and not '\0')
            {
                folded = written;
                index += EscapeLength - 1;
            }

            return true;
        }

        if (char.IsHighSurrogate(c) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) && FoldTable.TryFold(c, text[index + 1], out folded))
        {
            index++;
            return folded != FoldTable.Removed;
        }

        folded = c;
        return !FoldTable.TryFold(c, out char other) || (folded = other) != FoldTable.Removed;
    }
}
