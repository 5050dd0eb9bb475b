using System.Runtime.CompilerServices;

namespace Muniment.Policy.Detectors.Scanning;

/// <summary>The table behind <see cref="CharClass"/> and the questions asked of it.</summary>
internal static class Chars
{
    /// <summary>Letters below this are taken as parts of words (Latin, Greek, Cyrillic, Armenian); scripts above it that write without spaces would else be held back for long.</summary>
    public const char WordLetterLimit = '\u0590';

    private static readonly CharClass[] Table = BuildTable();

    /// <summary>Whether the character is of the class; false for all that is not ASCII.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Is(char c, CharClass kind) => c < 128 && (Table[c] & kind) != 0;

    /// <summary>0-9.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsDigit(char c) => (uint)(c - '0') <= 9;

    /// <summary>Letter or digit of ASCII.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsAlnum(char c) => Is(c, CharClass.Alnum);

    /// <summary>Letter, digit or underscore of ASCII, or a letter of a script that writes words apart.</summary>
    public static bool IsWord(char c) => c < 128 ? Is(c, CharClass.Word) : c < WordLetterLimit && char.IsLetterOrDigit(c);

    /// <summary>A character that ends every bounded match. The space is one too, except between groups of digits.</summary>
    public static bool IsBarrier(char c) => c < 128 ? (Table[c] & CharClass.Barrier) != 0 : c >= WordLetterLimit || !char.IsLetterOrDigit(c);

    /// <summary>End of the run of a class that begins at <paramref name="start"/>, at most <paramref name="bound"/>.</summary>
    public static int RunEnd(ReadOnlySpan<char> text, int start, int bound, CharClass kind)
    {
        int end = start;
        while (end < bound && Is(text[end], kind))
        {
            end++;
        }

        return end;
    }

    /// <summary>
    /// Whether a token may begin at <paramref name="start"/>: nothing before it, no letter or digit before it, or the letter of an escape (<c>\n</c>, <c>%3D</c>)
    /// that stands for something else.
    /// </summary>
    public static bool IsTokenStart(ReadOnlySpan<char> text, int start) =>
        start == 0 || !IsAlnum(text[start - 1])
        || (start >= 2 && text[start - 2] == '\\' && text[start - 1] is 'n' or 'r' or 't')
        || (start >= 3 && text[start - 3] == '%' && Is(text[start - 2], CharClass.Hex) && Is(text[start - 1], CharClass.Hex));

    private static CharClass[] BuildTable()
    {
        CharClass[] table = new CharClass[128];
        for (char c = '\0'; c < 128; c++)
        {
            bool digit = char.IsAsciiDigit(c), letter = char.IsAsciiLetter(c), alnum = digit || letter;
            CharClass kind = 0;
            Set(digit, CharClass.Digit);
            Set(letter, CharClass.Letter);
            Set(alnum, CharClass.Alnum);
            Set(char.IsAsciiHexDigit(c), CharClass.Hex);
            Set(alnum || c is '-' or '_', CharClass.Url64);
            Set(alnum || c is '+' or '/', CharClass.Base64);
            Set(alnum || "_-+/=.~%".Contains(c), CharClass.Run);
            Set(digit || char.IsAsciiLetterUpper(c), CharClass.UpperDigit);
            Set(char.IsAsciiLetterUpper(c) || (c >= '2' && c <= '7'), CharClass.Base32);
            Set(alnum || "._%+-".Contains(c), CharClass.EmailLocal);
            Set(alnum || "-._~%!$&*+,;=:#^|()@".Contains(c), CharClass.UserInfo);
            Set(alnum || "-_.~".Contains(c), CharClass.Dotted);
            Set(alnum && !"0OIl".Contains(c), CharClass.Base58);
            Set(alnum || c == '_', CharClass.Word);
            bool barrier = c <= ' ' || c == 127 || "\"'`<>".Contains(c);
            Set(!barrier && c != ';', CharClass.Value);
            Set(barrier, CharClass.Barrier);
            table[c] = kind;

            void Set(bool holds, CharClass flag) => kind |= holds ? flag : 0;
        }

        return table;
    }
}
