using System.Globalization;

namespace Muniment.Policy.Commands.Shell;

/// <summary>Bash's <c>$'…'</c>, where a program's name can be written in numbers.</summary>
internal static class AnsiQuote
{
    /// <summary>Reads from behind the opening quote; gives the position behind the closing one, beyond the end when there is none.</summary>
    public static int Read(string text, int at, WordBuilder word)
    {
        while (at < text.Length && text[at] != '\'')
        {
            if (text[at] != '\\' || at + 1 == text.Length)
            {
                word.Add(text[at++]);
                continue;
            }

            char kind = text[at + 1];
            at += 2;
            switch (kind)
            {
                case 'n':
                    word.Add('\n');
                    break;
                case 't':
                    word.Add('\t');
                    break;
                case 'r':
                    word.Add('\r');
                    break;
                case 'x':
                    at = Number(text, at, 2, 16, word);
                    break;
                case 'u':
                    at = Number(text, at, 4, 16, word);
                    break;
                case >= '0' and <= '7':
                    at = Number(text, at - 1, 3, 8, word);
                    break;
                default:
                    word.Add(kind);
                    break;
            }
        }

        return at + 1;
    }

    private static int Number(string text, int at, int maxDigits, int radix, WordBuilder word)
    {
        int end = at;
        while (end < text.Length && end - at < maxDigits && (radix == 8 ? text[end] is >= '0' and <= '7' : char.IsAsciiHexDigit(text[end])))
        {
            end++;
        }

        if (end > at)
        {
            word.Add((char)(radix == 8 ? Convert.ToInt32(text[at..end], 8) : int.Parse(text.AsSpan(at, end - at), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)));
        }

        return end;
    }
}
