using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Personal;

/// <summary>E-mail addresses: up to 64 characters, an @, labels, a top-level name of at least two letters. Not <c>git@host</c>, packages with versions, or scopes.</summary>
internal static class Email
{
    private const int LocalMax = 64, LabelMax = 63;

    /// <summary>Looks around an <c>@</c>.</summary>
    public static void Find(in Scan scan, int at)
    {
        if (!scan.Has(DetectorId.Email))
        {
            return;
        }

        ReadOnlySpan<char> text = scan.Text;
        int start = at, floor = Math.Max(0, at - LocalMax);
        while (start > floor && (Chars.Is(text[start - 1], CharClass.EmailLocal) || IsForeign(text[start - 1])))
        {
            start--;
        }

        if (start >= 1 && text[start - 1] == '\\' && at - start > 1 && text[start] is 'n' or 'r' or 't')
        {
            start++; // the letter of an escape
        }

        while (start < at && !(Chars.Is(text[start], CharClass.Word) || IsForeign(text[start])))
        {
            start++;
        }

        if (start == at || text[start..at].SequenceEqual("git") || (scan.Has(DetectorId.UrlCredentials) && Secrets.UrlCredentials.Takes(text, start, at)))
        {
            return;
        }

        int end = DomainEnd(text, at + 1, scan.Bound(start));
        if (end > 0 && !(end < text.Length && text[end] == '(' && IsCall(text[(text[..end].LastIndexOf('.') + 1)..end])))
        {
            scan.Add(DetectorId.Email, start, end);
        }
    }

    /// <summary>Python's matrix product: <c>query@key.transpose(…)</c>.</summary>
    private static bool IsCall(ReadOnlySpan<char> name) => name is "transpose" or "reshape" or "permute" or "astype" or "flatten" or "squeeze" or "unsqueeze" or "contiguous" or "conj" or "view" or "dot";

    /// <summary>After the last label that can be a top-level name, or 0.</summary>
    private static int DomainEnd(ReadOnlySpan<char> text, int start, int bound)
    {
        int end = 0;
        for (int label = start, labels = 0; label < bound;)
        {
            int i = label;
            bool letters = true;
            while (i < bound && i - label <= LabelMax && (Chars.IsAlnum(text[i]) || text[i] == '-' || IsForeign(text[i])))
            {
                letters &= Chars.Is(text[i], CharClass.Letter) || IsForeign(text[i]);
                i++;
            }

            if (i == label || text[label] == '-')
            {
                break;
            }

            int stop = i;
            while (text[stop - 1] == '-')
            {
                stop--;
            }

            if (labels++ > 0 && stop - label is >= 2 and <= LabelMax && (letters || text[label..stop].StartsWith("xn--")))
            {
                end = stop;
            }
            else if (labels > 1 && !letters && LeadingLetters(text, label, stop) is int tld and >= 2 && text[label + tld] == '-')
            {
                end = label + tld; // a@b.com-next
            }

            if (i >= bound || text[i] != '.')
            {
                break;
            }

            label = i + 1;
        }

        return end;
    }

    private static int LeadingLetters(ReadOnlySpan<char> text, int start, int end) => Chars.RunEnd(text, start, end, CharClass.Letter) - start is int n && start + n < end ? n : 0;

    private static bool IsForeign(char c) => c is >= '\u00c0' and < Chars.WordLetterLimit && char.IsLetterOrDigit(c);
}
