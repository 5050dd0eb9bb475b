using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Personal;

/// <summary>Telephone numbers: <c>+</c> and 8 to 15 digits (E.164) always, <c>(ddd) ddd-dddd</c> always, other national forms only beside a word for telephone.</summary>
internal static class Phone
{
    private const int DigitsMin = 8, DigitsMax = 15, NationalMin = 9, NationalMax = 13;

    private static readonly WordList Words =
        new("phone", "telephone", "telefon", "telefono", "tel", "mobile", "mobil", "cell", "cellphone", "fax", "whatsapp", "sms", "handy", "call me", "call us", "reach me at", "ring me");

    /// <summary>Looks at what follows a <c>+</c>.</summary>
    public static void International(in Scan scan, int plus)
    {
        ReadOnlySpan<char> text = scan.Text;
        int bound = scan.Bound(plus);
        if (!scan.Has(DetectorId.Phone) || plus + 1 >= bound || text[plus + 1] is < '1' or > '9' || (plus > 0 && (Chars.IsWord(text[plus - 1]) || text[plus - 1] is '+' or ')' or ']' or '~' or '.' or '-')))
        {
            return;
        }

        int digits = 0, end = 0, dots = 0, groups = 0;
        for (int i = plus + 1; i < bound;)
        {
            int group = i;
            bool opened = text[i] == '(';
            i += opened ? 1 : 0;
            int first = i;
            while (i < bound && Chars.IsDigit(text[i]))
            {
                i++;
            }

            int length = i - first;
            if (length == 0 || (opened && !(i < bound && text[i] == ')')) || digits + length > DigitsMax)
            {
                if (group == plus + 1 || length > 0)
                {
                    digits = length > DigitsMax ? 0 : digits;
                }

                break;
            }

            digits += length;
            groups++;
            i += opened ? 1 : 0;
            end = opened ? end : i;
            if ((groups == 1 && length >= DigitsMin) || (digits >= 11 && text[plus + 1] == '1'))
            {
                break;
            }

            if (i + 1 < bound && text[i] is ' ' or '-' or '.' && (Chars.IsDigit(text[i + 1]) || (text[i + 1] == '(' && text[i] == ' ')))
            {
                dots += text[i] == '.' ? 1 : 0;
                i++;
            }
            else if (!(i < bound && (text[i] == '(' || (opened && Chars.IsDigit(text[i])))))
            {
                break;
            }
        }

        if (digits is >= DigitsMin and <= DigitsMax && end > plus && !(end < text.Length && Chars.IsWord(text[end])) && !(dots == 1 && groups == 2))
        {
            scan.Add(DetectorId.Phone, plus, end);
        }
    }

    /// <summary>Looks at <c>(ddd) ddd-dddd</c>.</summary>
    public static void Parenthesised(in Scan scan, int open)
    {
        ReadOnlySpan<char> text = scan.Text;
        int bound = scan.Bound(open);
        if (!scan.Has(DetectorId.Phone) || open + 13 > bound || text[open + 4] != ')' || text[open + 1] is < '2' or > '9' || !Chars.IsDigit(text[open + 2]) || !Chars.IsDigit(text[open + 3])
            || (open > 0 && Chars.IsWord(text[open - 1])))
        {
            return;
        }

        int i = open + (text[open + 5] == ' ' ? 6 : 5);
        if (i + 8 <= bound && Chars.RunEnd(text, i, i + 3, CharClass.Digit) == i + 3 && text[i] >= '2' && text[i + 3] is '-' or '.' or ' ' && Chars.RunEnd(text, i + 4, Math.Min(bound, i + 9), CharClass.Digit) == i + 8
            && !(i + 8 < text.Length && Chars.IsWord(text[i + 8])))
        {
            scan.Add(DetectorId.Phone, open, i + 8);
        }
    }

    /// <summary>Looks at a run of digits beside a word for telephone.</summary>
    public static void National(in Scan scan, in NumberRun run)
    {
        if (!scan.Has(DetectorId.Phone) || (run.Start > 0 && scan.Text[run.Start - 1] is '+' or '('))
        {
            return;
        }

        int groups = 1, digits = run.Length(0);
        while (groups < run.Groups && digits + run.Length(groups) <= NationalMax && run.Sign(groups - 1) == run.Sign(0))
        {
            digits += run.Length(groups++);
        }

        if (digits is < NationalMin or > NationalMax || !run.Alone(scan.Text, groups) || IsDateOrAddress(run, groups))
        {
            return;
        }

        if (Words.StandsBefore(scan.Text, run.Start, 40))
        {
            scan.Add(DetectorId.Phone, run.Start, run.End(groups - 1));
        }
    }

    private static bool IsDateOrAddress(in NumberRun run, int groups) =>
        (run.Is([4, 2, 2], "-./") && groups >= 3) || (run.Is([2, 2, 4], "-./") && groups >= 3) || (run.Sign(0) == '.' && groups is 2 or 4);
}
