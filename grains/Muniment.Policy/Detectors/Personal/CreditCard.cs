using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Personal;

/// <summary>Card numbers: 13 to 19 digits, as one or in the groups of their brand, with the brand's first digits and length, and Luhn's check digit.</summary>
internal static class CreditCard
{
    /// <summary>Looks at a run of digits.</summary>
    public static void Find(in Scan scan, in NumberRun run)
    {
        if (!scan.Has(DetectorId.CreditCard) || run.Values[0] is < 2 or > 6)
        {
            return;
        }

        if (run.Length(0) >= 12)
        {
            _ = TryFind(scan, run, 1);
        }
        else if (run.Is([4, 4, 4, 4], " -"))
        {
            _ = (run.Is([4, 4, 4, 4, 3], " -") && TryFind(scan, run, 5)) || TryFind(scan, run, 4); // the three may be another number
        }
        else if (run.Is([4, 6, 5], " -") || run.Is([4, 6, 4], " -"))
        {
            _ = TryFind(scan, run, 3);
        }
    }

    private static bool TryFind(in Scan scan, in NumberRun run, int groups)
    {
        int count = 0;
        for (int i = 0; i < groups; i++)
        {
            count += run.Length(i);
        }

        ReadOnlySpan<byte> digits = run.Values[..count];
        bool found = IsBrand(digits) && !Checksums.AllSame(digits) && Checksums.Luhn(digits) && run.Alone(scan.Text, groups);
        if (found)
        {
            scan.Add(DetectorId.CreditCard, run.Start, run.End(groups - 1));
        }

        return found;
    }

    private static bool IsBrand(ReadOnlySpan<byte> d)
    {
        int four = (d[0] * 1000) + (d[1] * 100) + (d[2] * 10) + d[3], two = four / 100, three = four / 10, length = d.Length;
        return d[0] switch
        {
            2 => four is >= 2221 and <= 2720 or >= 2200 and <= 2204 && length == 16, // Mastercard, Mir
            3 => two switch
            {
                34 or 37 => length == 15, // American Express
                35 => four is >= 3528 and <= 3589 && length is >= 16 and <= 19, // JCB
                30 => three is >= 300 and <= 305 or 309 && length is 14 or 16, // Diners Club
                36 or 38 or 39 => length is 14 or 16,
                _ => false,
            },
            4 => length is 13 or 16 or 19, // Visa
            5 => (two is >= 51 and <= 55 && length == 16) || (four is 5018 or 5020 or 5038 or 5893 && length is 16 or 18 or 19), // Mastercard, Maestro
            6 => two switch
            {
                60 => four == 6011 && length is 16 or 19, // Discover
                64 => three >= 644 && length is 16 or 19,
                65 => length is 16 or 19,
                62 => length is >= 16 and <= 19, // UnionPay
                63 or 67 => four is 6304 or 6759 or 6761 or 6762 or 6763 && length is 16 or 18 or 19, // Maestro
                _ => false,
            },
            _ => false,
        };
    }
}
