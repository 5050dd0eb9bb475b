using System.Buffers;
using Muniment.Policy.Detectors.Network;
using Muniment.Policy.Detectors.Personal;
using Muniment.Policy.Detectors.Secrets;

namespace Muniment.Policy.Detectors.Scanning;

/// <summary>Finds what is known by a sign: an @, a + before digits, digits themselves, a name before = or :.</summary>
internal static class SymbolPass
{
    private static readonly SearchValues<char> Signs = SearchValues.Create("0123456789@=:+(");

    /// <summary>Looks through the text from there on.</summary>
    public static void Find(in Scan scan, int from)
    {
        ReadOnlySpan<char> text = scan.Text;
        for (int i = from; i < text.Length;)
        {
            int found = text[i..].IndexOfAny(Signs);
            if (found < 0)
            {
                return;
            }

            i += found;
            switch (text[i])
            {
                case '@':
                    UrlCredentials.Find(scan, i);
                    Email.Find(scan, i);
                    break;
                case '=':
                    Assignments.Find(scan, i);
                    goto case ':';
                case ':':
                    AuthorizationHeader.Find(scan, i);
                    if (scan.Has(DetectorId.GenericSecret))
                    {
                        Assignments.Generic(scan, i);
                    }

                    if (text[i] == ':')
                    {
                        HexAddresses.Find(scan, i);
                    }

                    break;
                case '+':
                    Phone.International(scan, i);
                    break;
                case '(':
                    Phone.Parenthesised(scan, i);
                    break;
                default:
                    i = Numbers.Find(scan, i);
                    continue;
            }

            i++;
        }
    }
}
