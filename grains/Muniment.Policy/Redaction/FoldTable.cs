using System.Globalization;

namespace Muniment.Policy.Redaction;

/// <summary>
/// What a character looks like to the detectors: fullwidth and styled letters and digits, digits of other scripts, dashes and spaces become their ASCII form; what cannot
/// be seen (zero-width, soft hyphen, variation selectors, combining marks) is left out. One character in, at most one out, so offsets stay simple.
/// </summary>
internal static class FoldTable
{
    /// <summary>The character is left out.</summary>
    public const char Removed = '\0';

    // 0: stays as it is; 1: left out; else the ASCII character it becomes.
    private static readonly byte[] Table = Build();

    /// <summary>Whether a character changes, and into what.</summary>
    public static bool TryFold(char c, out char folded)
    {
        byte entry = Table[c];
        folded = entry == 1 ? Removed : (char)entry;
        return entry != 0;
    }

    /// <summary>The same for the characters beyond the first plane: styled letters and digits.</summary>
    public static bool TryFold(char high, char low, out char folded)
    {
        int c = char.ConvertToUtf32(high, low);
        folded = c switch
        {
            >= 0x1D400 and < 0x1D6A4 => Letter((c - 0x1D400) % 52),
            >= 0x1D7CE and < 0x1D800 => (char)('0' + ((c - 0x1D7CE) % 10)),
            >= 0x1F130 and < 0x1F14A => (char)('A' + c - 0x1F130),
            >= 0x1F150 and < 0x1F16A => (char)('A' + c - 0x1F150),
            >= 0x1F170 and < 0x1F18A => (char)('A' + c - 0x1F170),
            >= 0x1FBF0 and < 0x1FBFA => (char)('0' + c - 0x1FBF0),
            >= 0xE0000 and < 0xE0200 => Removed, // tags and variation selectors
            _ => char.MaxValue,
        };
        return folded != char.MaxValue;
    }

    private static char Letter(int index) => (char)(index < 26 ? 'A' + index : 'a' + index - 26);

    private static byte[] Build()
    {
        byte[] table = new byte[65536];
        for (int i = 0x80; i < 65536; i++)
        {
            char c = (char)i;
            int digit = CharUnicodeInfo.GetDigitValue(c);
            table[i] = c switch
            {
                >= '\uFF01' and <= '\uFF5E' => (byte)(c - 0xFEE0),
                '\u2212' or '\uFE63' => (byte)'-',
                '\u2024' or '\uFE52' or '\u3002' or '\uFF61' or '\u00B7' => (byte)'.',
                '\uFE6B' => (byte)'@',
                '\uFE62' => (byte)'+',
                '\uFE55' or '\u2236' or '\uA789' => (byte)':',
                '\u2044' or '\u2215' => (byte)'/',
                >= '\u24B6' and <= '\u24CF' => (byte)('A' + c - 0x24B6),
                >= '\u24D0' and <= '\u24E9' => (byte)('a' + c - 0x24D0),
                >= '\u249C' and <= '\u24B5' => (byte)('a' + c - 0x249C),
                '\u2800' or '\u3164' or '\uFFA0' or '\u115F' or '\u1160' => 1,
                _ when digit is >= 0 and <= 9 => (byte)('0' + digit),
                _ => char.GetUnicodeCategory(c) switch
                {
                    UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark => 1,
                    UnicodeCategory.DashPunctuation => (byte)'-',
                    UnicodeCategory.SpaceSeparator => (byte)' ',
                    _ => 0,
                },
            };
        }

        return table;
    }
}
