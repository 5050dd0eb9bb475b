using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Secrets;

/// <summary>
/// PEM and PGP blocks of private keys. The opener and at least 64 characters of the body make a match; from there on everything is swallowed up to the
/// END line. Certificates, public keys and signatures are not touched.
/// </summary>
internal static class PrivateKey
{
    /// <summary>How a block begins.</summary>
    public const string Opener = "-----BEGIN ";

    private const int BodyMin = 64, BodyMinAtEnd = 16, HeaderMax = 80;

    /// <summary>Looks for all of them.</summary>
    public static void Find(in Scan scan, int from)
    {
        if (!scan.Has(DetectorId.PrivateKey))
        {
            return;
        }

        for (int at = from; ;)
        {
            int found = scan.Text[at..].IndexOf(Opener);
            if (found < 0)
            {
                return;
            }

            at += found;
            if (Read(scan.Text, at, scan.AtEnd, out int end, out bool armor) == true)
            {
                scan.Add(DetectorId.PrivateKey, at, end, armor ? Swallow.Armor : Swallow.Pem);
            }

            at += Opener.Length;
        }
    }

    /// <summary>Whether a key begins at an opener; null when more text is needed to say. <paramref name="end"/> is after the line of the opener.</summary>
    public static bool? Read(ReadOnlySpan<char> text, int start, bool atEnd, out int end, out bool armor)
    {
        int bound = Math.Min(text.Length, start + ScanLimits.Hold), i = start + Opener.Length;
        bool cut = text.Length < start + ScanLimits.Hold && !atEnd;
        int labelEnd = i;
        while (labelEnd < bound && labelEnd < start + HeaderMax && (char.IsAsciiLetterUpper(text[labelEnd]) || Chars.IsDigit(text[labelEnd]) || text[labelEnd] == ' '))
        {
            labelEnd++;
        }

        ReadOnlySpan<char> label = text[i..labelEnd];
        armor = label.EndsWith("PRIVATE KEY BLOCK");
        end = labelEnd + 5;
        if (end > bound)
        {
            return cut ? null : false;
        }

        if (!text[labelEnd..].StartsWith("-----") || !(armor || label.EndsWith("PRIVATE KEY")))
        {
            return false;
        }

        int body = 0;
        for (i = end; i < bound; i++)
        {
            if (Chars.Is(text[i], CharClass.Base64))
            {
                if (++body == BodyMin)
                {
                    return true;
                }
            }
            else if (!IsBody(text[i], armor))
            {
                return false;
            }
        }

        return cut ? null : body >= (text.Length <= start + ScanLimits.Hold ? BodyMinAtEnd : BodyMin / 2);
    }

    /// <summary>What a block may contain besides its base64: white space, the escapes of it, and header lines.</summary>
    public static bool IsBody(char c, bool armor) => Chars.Is(c, CharClass.Base64) || c is '=' or '\n' or '\r' or ' ' or '\t' or '\\' or ':' or ',' or '-' || (armor && c is '.' or '(' or ')' or '@' or '<' or '>');
}
