using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Secrets;

/// <summary>Credentials of HTTP headers: Authorization of any scheme, x-api-key, and the cookies.</summary>
internal static class AuthorizationHeader
{
    private const int ValueMin = 8;

    private static readonly string[] Schemes = ["bearer", "basic", "token", "ssws", "apikey", "api-key", "key", "digest", "negotiate", "splunk", "dpop"];

    /// <summary>Looks at what follows a <c>:</c> or <c>=</c>.</summary>
    public static void Find(in Scan scan, int sign)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (sign == 0 || (text[sign - 1] | 0x20) is not ('n' or 'y' or 'e' or '"' or '\'' or ' ' or '|'))
        {
            return;
        }

        ReadOnlySpan<char> name = Context.WordBefore(text, sign, out int start);
        switch (name.Length)
        {
            case 6 when name.Equals("cookie", StringComparison.OrdinalIgnoreCase) && text[sign] == ':':
                Cookie(scan, sign, start);
                break;
            case 10 when name.Equals("set-cookie", StringComparison.OrdinalIgnoreCase) && text[sign] == ':':
                Cookie(scan, sign, start);
                break;
            case 13 when name.Equals("authorization", StringComparison.OrdinalIgnoreCase):
            case 19 when name.Equals("proxy-authorization", StringComparison.OrdinalIgnoreCase):
                Authorization(scan, sign);
                break;
            case 9 when name.Equals("x-api-key", StringComparison.OrdinalIgnoreCase):
                Value(scan, SkipTo(text, sign), 16, 3.0f);
                break;
        }
    }

    /// <summary>A long random token after the word Bearer, whatever stands before that.</summary>
    public static void Bare(in Scan scan, int start)
    {
        if (start >= 7 && scan.Text[start - 1] == ' ' && scan.Text[(start - 7)..(start - 1)].Equals("bearer", StringComparison.OrdinalIgnoreCase))
        {
            Value(scan, start, 20, 3.5f);
        }
    }

    private static void Authorization(in Scan scan, int sign)
    {
        ReadOnlySpan<char> text = scan.Text;
        int word = SkipTo(text, sign), end = Chars.RunEnd(text, word, Math.Min(text.Length, word + 12), CharClass.Url64);
        if (end >= text.Length || text[end] != ' ')
        {
            return;
        }

        foreach (string scheme in Schemes)
        {
            if (text[word..end].Equals(scheme, StringComparison.OrdinalIgnoreCase))
            {
                Value(scan, text[(end + 1)..] is [' ', ..] ? end + 2 : end + 1, ValueMin, 0);
            }
        }
    }

    private static void Value(in Scan scan, int start, int min, float bits)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (start >= text.Length)
        {
            return;
        }

        int bound = scan.Bound(start), end = Chars.RunEnd(text, start, bound, CharClass.Run);
        if (end == bound && bound == start + ScanLimits.Hold)
        {
            scan.Add(DetectorId.Authorization, start, end, Swallow.Token);
            return;
        }

        while (end > start && text[end - 1] is '.' or '/')
        {
            end--;
        }

        ReadOnlySpan<char> value = text[start..end];
        if (value.Length >= min && !Placeholders.Is(value) && (bits == 0 || Entropy.Of(value) >= bits))
        {
            scan.Add(DetectorId.Authorization, start, end);
        }
    }

    private static void Cookie(in Scan scan, int sign, int name)
    {
        ReadOnlySpan<char> text = scan.Text;
        bool escaped = name >= 2 && text[name - 2] == '\\';
        if (!scan.Has(DetectorId.Cookie) || !(name == 0 || text[name - 1] is '\n' or '\r' or '"' or '\'' or '`' || escaped))
        {
            return;
        }

        int start = SkipTo(text, sign), bound = scan.Bound(start);
        int equals = Chars.RunEnd(text, start, bound, CharClass.Dotted);
        if (equals == start || equals >= bound || text[equals] != '=')
        {
            return;
        }

        int end = Chars.RunEnd(text, equals + 1, bound, CharClass.Value);
        if (end - equals - 1 >= ValueMin && !Placeholders.Is(text[(equals + 1)..end]))
        {
            scan.Add(DetectorId.Cookie, start, end, Swallow.Line);
        }
    }

    private static int SkipTo(ReadOnlySpan<char> text, int sign)
    {
        int at = sign + 1;
        while (at < text.Length && at < sign + 5 && text[at] is ' ' or '"' or '\'' or '\\' or '\t')
        {
            at++;
        }

        return at;
    }
}
