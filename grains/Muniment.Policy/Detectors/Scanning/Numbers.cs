using Muniment.Policy.Detectors.National;
using Muniment.Policy.Detectors.Network;
using Muniment.Policy.Detectors.Personal;

namespace Muniment.Policy.Detectors.Scanning;

/// <summary>Everything that is made of digits. Called where digits begin; most of them are too few and are left at once.</summary>
internal static class Numbers
{
    /// <summary>Fewer digits are none of ours (IPv4 apart).</summary>
    private const int MinDigits = 8;

    /// <summary>Looks at the digits that begin there and gives the place after this run of them.</summary>
    public static int Find(in Scan scan, int start)
    {
        ReadOnlySpan<char> text = scan.Text;
        int end = start + 1;
        while (end < text.Length && Chars.IsDigit(text[end]))
        {
            end++;
        }

        char before = start > 0 ? text[start - 1] : ' ';
        if (Chars.IsAlnum(before))
        {
            if (!Chars.IsDigit(before))
            {
                AfterLetters(scan, start, end);
            }

            return end;
        }

        char after = end < text.Length ? text[end] : ' ';
        bool continues = end + 1 < text.Length && after is ' ' or '-' or '.' or '/' && Chars.IsDigit(text[end + 1]);
        if ((!continues && end - start < MinDigits) || before == '_')
        {
            return end;
        }

        NumberRun run = NumberRun.Read(scan, start);
        if (after == '.' && scan.Has(DetectorId.Ipv4))
        {
            Ipv4.Find(scan, start);
        }

        if (run.Count >= MinDigits)
        {
            CreditCard.Find(scan, run);
            UsSsn.Find(scan, run);
            Phone.National(scan, run);
            NationalNumbers.Find(scan, run);
        }

        return end;
    }

    private static void AfterLetters(in Scan scan, int start, int end)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (start >= 2 && end - start >= 2 && Chars.Is(text[start - 1], CharClass.Letter) && Chars.Is(text[start - 2], CharClass.Letter) && Chars.IsTokenStart(text, start - 2))
        {
            Iban.Find(scan, start - 2);
        }

        if (scan.Has(DetectorId.EsNif) && end - start == 7 && Chars.IsTokenStart(text, start - 1))
        {
            NationalNumbers.Nie(scan, start - 1, end);
        }

        if (start >= 2 && text[start - 2] == '\\' && text[start - 1] is 'n' or 'r' or 't' && end - start >= 3)
        {
            NumberRun run = NumberRun.Read(scan, start);
            if (run.Count >= MinDigits)
            {
                CreditCard.Find(scan, run);
                UsSsn.Find(scan, run);
                Phone.National(scan, run);
            }
        }
    }
}
