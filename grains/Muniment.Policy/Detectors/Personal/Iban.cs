using System.Collections.Frozen;
using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Personal;

/// <summary>IBANs (ISO 13616): the country's length, groups of four or none, and 97 as modulus.</summary>
internal static class Iban
{
    private static readonly FrozenDictionary<string, int> Lengths = (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 "
        + "JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 "
        + "TR26 UA29 VA22 VG24 XK20 YE30").Split(' ').ToFrozenDictionary(s => s[..2], s => int.Parse(s.AsSpan(2)), StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ByCountry = Lengths.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Looks at two letters that two digits follow.</summary>
    public static void Find(in Scan scan, int start)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (!scan.Has(DetectorId.Iban) || !ByCountry.TryGetValue(text.Slice(start, 2), out int length))
        {
            return;
        }

        int bound = scan.Bound(start), i = start, taken = 0;
        Span<char> letters = stackalloc char[40];
        bool spaced = start + 5 < bound && text[start + 4] == ' ';
        while (taken < length)
        {
            if (spaced && taken > 0 && taken % 4 == 0)
            {
                if (i >= bound || text[i] != ' ')
                {
                    return;
                }

                i++;
            }

            if (i >= bound || !Chars.IsAlnum(text[i]))
            {
                return;
            }

            letters[taken++] = char.ToUpperInvariant(text[i++]);
        }

        if ((i < text.Length && Chars.IsWord(text[i])) || !IsValid(letters[..length]))
        {
            return;
        }

        scan.Add(DetectorId.Iban, start, i);
    }

    private static bool IsValid(ReadOnlySpan<char> iban)
    {
        int rest = 0;
        for (int i = 0; i < iban.Length; i++)
        {
            char c = iban[(i + 4) % iban.Length];
            rest = Chars.IsDigit(c) ? ((rest * 10) + c - '0') % 97 : ((rest * 100) + c - 'A' + 10) % 97;
        }

        return rest == 1 && iban[4..].IndexOfAnyExcept('0') >= 0;
    }
}
