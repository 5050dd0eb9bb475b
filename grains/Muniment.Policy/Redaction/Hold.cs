using Muniment.Policy.Detectors;
using Muniment.Policy.Detectors.Scanning;
using Muniment.Policy.Detectors.Secrets;

namespace Muniment.Policy.Redaction;

/// <summary>
/// Says how much of a growing text is decided: no match that begins before the cut can depend on what is still to come. A match never reads past a barrier (white space,
/// quotes, angle brackets, scripts without spaces), so the cut is after the last one; a space between groups of digits is none. Without a barrier the bound of a match decides.
/// </summary>
internal static class Hold
{
    /// <summary>What may be asked about behind a match that reaches its bound.</summary>
    private const int Peek = 2;

    private const int IbanGroup = 4, IbanGroups = 9;

    /// <summary>The cut, not before <paramref name="decided"/>.</summary>
    public static int Cut(DetectorSet set, ReadOnlySpan<char> text, int decided)
    {
        int cut = Math.Max(decided, text.Length - ScanLimits.Hold - Peek);
        for (int i = text.Length - 1; i >= cut; i--)
        {
            if (Chars.IsBarrier(text[i]) && !(text[i] == ' ' && Joins(text, i)))
            {
                cut = i + 1;
                break;
            }
        }

        if (set.ExtraHold > 0)
        {
            cut = Math.Max(decided, Math.Min(cut, text.Length - set.ExtraHold));
        }

        return set.Enabled[(int)DetectorId.PrivateKey] ? BeforeOpenKey(text, decided, cut) : cut;
    }

    /// <summary>Whether a match may go on across a space: between groups of digits, or of an IBAN.</summary>
    private static bool Joins(ReadOnlySpan<char> text, int space)
    {
        if (space == 0)
        {
            return false;
        }

        char before = text[space - 1];
        bool last = space + 1 == text.Length;
        char after = last ? '0' : text[space + 1];
        return ((Chars.IsDigit(before) || before == ')') && (Chars.IsDigit(after) || after == '(')) || (Chars.IsAlnum(before) && Chars.IsAlnum(after) && IsIbanBegun(text, space));
    }

    private static bool IsIbanBegun(ReadOnlySpan<char> text, int space)
    {
        for (int group = 0, end = space; group < IbanGroups; group++)
        {
            int start = end - IbanGroup;
            if (start < 0 || Chars.RunEnd(text, start, end, CharClass.Alnum) != end)
            {
                return false;
            }

            if (Chars.Is(text[start], CharClass.Letter) && Chars.Is(text[start + 1], CharClass.Letter) && Chars.IsDigit(text[start + 2]) && Chars.IsDigit(text[start + 3]))
            {
                return true;
            }

            if (start == 0 || text[start - 1] != ' ')
            {
                return false;
            }

            end = start - 1;
        }

        return false;
    }

    private static int BeforeOpenKey(ReadOnlySpan<char> text, int decided, int cut)
    {
        for (int at = decided; at < cut;)
        {
            int found = text[at..Math.Min(text.Length, cut + PrivateKey.Opener.Length - 1)].IndexOf(PrivateKey.Opener);
            if (found < 0)
            {
                break;
            }

            at += found;
            if (PrivateKey.Read(text, at, atEnd: false, out _, out _) is null)
            {
                return at;
            }

            at += PrivateKey.Opener.Length;
        }

        return cut;
    }
}
