using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.National;

/// <summary>Numbers that single countries give to people and firms. All have check digits (the US ITIN apart, which has fixed ranges); where digits alone prove little, their name must stand beside them.</summary>
internal static class NationalNumbers
{
    private const string NifLetters = "TRWAGMYFPDXBNJZSQVHLCKE";
    private const int Reach = 48;
    private static readonly WordList UsAbaWords = new("routing", "aba", "rtn");
    private static readonly WordList UsNpiWords = new("npi", "provider");
    private static readonly WordList UkNhsWords = new("nhs");
    private static readonly WordList DeTaxIdWords = new("steuer", "steuerid", "steuernummer", "identifikationsnummer", "idnr", "tin", "tax id");
    private static readonly WordList PlPeselWords = new("pesel");
    private static readonly WordList BrCpfWords = new("cpf");
    private static readonly WordList BrCnpjWords = new("cnpj");
    private static readonly WordList InAadhaarWords = new("aadhaar", "aadhar", "uidai");
    private static readonly WordList CaSinWords = new("sin", "social insurance", "nas");

    /// <summary>Looks at a run of digits.</summary>
    public static void Find(in Scan scan, in NumberRun run)
    {
        ReadOnlySpan<byte> d = run.Values;
        if (scan.Has(DetectorId.UsItin) && run.Is([3, 2, 4], "-") && d[0] == 9 && Itin((d[3] * 10) + d[4]) && run.Alone(scan.Text, 3))
        {
            scan.Add(DetectorId.UsItin, run.Start, run.End(2));
        }

        Beside(scan, DetectorId.UsAba, run, [9], "", IsAba, UsAbaWords);
        Beside(scan, DetectorId.UsNpi, run, [10], "", IsNpi, UsNpiWords);
        Beside(scan, DetectorId.UkNhs, run, [3, 3, 4], " -", IsNhs, UkNhsWords);
        Beside(scan, DetectorId.InAadhaar, run, [4, 4, 4], " -", v => v[0] >= 2 && Checksums.Verhoeff(v), InAadhaarWords);
        Beside(scan, DetectorId.CaSin, run, [3, 3, 3], " -", v => v[0] is not (0 or 8) && Checksums.Luhn(v), CaSinWords);
        Beside(scan, DetectorId.DeTaxId, run, [2, 3, 3, 3], " ", IsDeTaxId, DeTaxIdWords);
        Beside(scan, DetectorId.FrNir, run, [1, 2, 2, 2, 3, 3, 2], " ", IsNir, null);
        Beside(scan, DetectorId.PlPesel, run, [11], "", IsPesel, PlPeselWords);
        Brazil(scan, run);
        if (scan.Has(DetectorId.EsNif) && run.Length(0) == 8 && run.Groups == 1)
        {
            Nif(scan, run.Start, run.End(0), Checksums.Number(d));
        }
    }

    /// <summary>A Spanish number of a foreigner: X, Y or Z, seven digits, a letter.</summary>
    public static void Nie(in Scan scan, int start, int end)
    {
        int first = "XYZ".IndexOf(scan.Text[start]);
        if (first >= 0)
        {
            Nif(scan, start, end, long.Parse(scan.Text[(start + 1)..end]) + (first * 10_000_000L));
        }
    }

    private static void Nif(in Scan scan, int start, int end, long number)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (end < text.Length && text[end] == NifLetters[(int)(number % 23)] && !(end + 1 < text.Length && Chars.IsWord(text[end + 1])))
        {
            scan.Add(DetectorId.EsNif, start, end + 1);
        }
    }

    private delegate bool Check(ReadOnlySpan<byte> digits);

    private static void Beside(in Scan scan, DetectorId id, in NumberRun run, ReadOnlySpan<byte> lengths, string signs, Check check, WordList? words)
    {
        if (!scan.Has(id))
        {
            return;
        }

        int total = 0;
        foreach (byte length in lengths)
        {
            total += length;
        }

        int groups = run.Length(0) == total ? 1 : run.Is(lengths, signs) ? lengths.Length : 0;
        if (groups > 0 && run.Alone(scan.Text, groups) && !Checksums.AllSame(run.Values[..total]) && check(run.Values[..total]) && words?.StandsBefore(scan.Text, run.Start, Reach) != false)
        {
            scan.Add(id, run.Start, run.End(groups - 1));
        }
    }

    private static bool Itin(int group) => group is >= 50 and <= 65 or >= 70 and <= 88 or >= 90 and <= 92 or >= 94 and <= 99;

    private static bool IsAba(ReadOnlySpan<byte> d) => ((d[0] * 10) + d[1]) is <= 12 or >= 21 and <= 32 or >= 61 and <= 72 or 80 && Checksums.Weighted(d, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 == 0;

    private static bool IsNpi(ReadOnlySpan<byte> d) => d[0] is 1 or 2 && Checksums.Luhn([8, 0, 8, 4, 0, .. d]);

    private static bool IsNhs(ReadOnlySpan<byte> d)
    {
        int check = 11 - (Checksums.Weighted(d, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
        return check != 10 && check % 11 == d[9];
    }

    private static bool IsDeTaxId(ReadOnlySpan<byte> d)
    {
        if (d[0] == 0)
        {
            return false;
        }

        int product = 10;
        foreach (byte digit in d[..10])
        {
            int sum = (digit + product) % 10;
            product = (sum == 0 ? 10 : sum) * 2 % 11;
        }

        return (11 - product) % 10 == d[10] && product != 0;
    }

    private static bool IsNir(ReadOnlySpan<byte> d) => d[0] is 1 or 2 && (d[3] * 10) + d[4] is (>= 1 and <= 12) or (>= 20 and <= 42) or >= 50 && 97 - (Checksums.Number(d[..13]) % 97) == Checksums.Number(d[13..]);

    private static bool IsPesel(ReadOnlySpan<byte> d) =>
        (((d[2] * 10) + d[3]) % 20) is >= 1 and <= 12 && (d[4] * 10) + d[5] is >= 1 and <= 31 && Checksums.Weighted(d, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 == 0;

    private static void Brazil(in Scan scan, in NumberRun run)
    {
        bool cpf = scan.Has(DetectorId.BrCpf), cnpj = scan.Has(DetectorId.BrCnpj);
        if (cpf && run.Length(0) == 3 && run.Length(1) == 3 && run.Length(2) == 3 && run.Length(3) == 2 && (run.Sign(0), run.Sign(1), run.Sign(2)) is ('.', '.', '-') && IsCpf(run.Values) && run.Alone(scan.Text, 4))
        {
            scan.Add(DetectorId.BrCpf, run.Start, run.End(3));
        }

        if (cnpj && run.Length(0) == 2 && run.Length(1) == 3 && run.Length(2) == 3 && run.Length(3) == 4 && run.Length(4) == 2 && (run.Sign(0), run.Sign(1), run.Sign(2), run.Sign(3)) is ('.', '.', '/', '-')
            && IsCnpj(run.Values) && run.Alone(scan.Text, 5))
        {
            scan.Add(DetectorId.BrCnpj, run.Start, run.End(4));
        }

        Beside(scan, DetectorId.BrCpf, run, [11], "", IsCpf, BrCpfWords);
        Beside(scan, DetectorId.BrCnpj, run, [14], "", IsCnpj, BrCnpjWords);
    }

    private static bool IsCpf(ReadOnlySpan<byte> d) =>
        !Checksums.AllSame(d[..11]) && Eleven(Checksums.Weighted(d, [10, 9, 8, 7, 6, 5, 4, 3, 2])) == d[9] && Eleven(Checksums.Weighted(d, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2])) == d[10];

    private static bool IsCnpj(ReadOnlySpan<byte> d) =>
        !Checksums.AllSame(d[..14]) && Eleven(Checksums.Weighted(d, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == d[12] && Eleven(Checksums.Weighted(d, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])) == d[13];

    private static int Eleven(int sum) => sum % 11 < 2 ? 0 : 11 - (sum % 11);
}
