using System.Net;

namespace Muniment.Events.Formats;

/// <summary>Whether a text is an IP address in its plain form: no port, no scope, four decimal parts for version 4. What every schema takes as one.</summary>
internal static class NetworkAddress
{
    public static bool IsOne(ReadOnlySpan<char> text)
    {
        if (text.Length is < 2 or > 39)
        {
            return false;
        }

        bool six = text.Contains(':');
        foreach (char c in text)
        {
            if (six ? !char.IsAsciiHexDigit(c) && c is not (':' or '.') : !char.IsAsciiDigit(c) && c != '.')
            {
                return false;
            }
        }

        return IPAddress.IsValid(text) && (six || (text.Count('.') == 3 && !HasLeadingZero(text)));
    }

    /// <summary>010.0.0.1 is octal to some readers and decimal to others.</summary>
    private static bool HasLeadingZero(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length - 1; i++)
        {
            if (text[i] == '0' && (i == 0 || text[i - 1] == '.') && text[i + 1] != '.')
            {
                return true;
            }
        }

        return false;
    }
}
