using System.Net;
using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Network;

/// <summary>IPv6 and MAC addresses (opt-in). Called at each colon; acts at the first of an address. MAC addresses with dashes are found from their first dash.</summary>
internal static class HexAddresses
{
    private const int Ipv6Max = 39;

    /// <summary>Looks around a colon.</summary>
    public static void Find(in Scan scan, int colon)
    {
        if (scan.Has(DetectorId.MacAddress) && colon >= 2)
        {
            Mac(scan, colon - 2, ':');
        }

        if (scan.Has(DetectorId.Ipv6))
        {
            Ipv6(scan, colon);
        }
    }

    /// <summary>Looks at six pairs that the sign parts.</summary>
    public static void Mac(in Scan scan, int start, char sign)
    {
        ReadOnlySpan<char> text = scan.Text;
        const int length = 17;
        int end = start + length;
        if (end > text.Length || (start > 0 && (Chars.IsWord(text[start - 1]) || text[start - 1] == sign)) || (end < text.Length && (Chars.IsWord(text[end]) || (text[end] == sign && end + 1 < text.Length && Chars.IsAlnum(text[end + 1])))))
        {
            return;
        }

        int zeros = 0, ones = 0;
        for (int i = 0; i < length; i++)
        {
            char c = text[start + i];
            if (i % 3 == 2 ? c != sign : !Chars.Is(c, CharClass.Hex))
            {
                return;
            }

            zeros += c == '0' ? 1 : 0;
            ones += (c | 0x20) == 'f' ? 1 : 0;
        }

        if (zeros < 12 && ones < 12)
        {
            scan.Add(DetectorId.MacAddress, start, end);
        }
    }

    private static void Ipv6(in Scan scan, int colon)
    {
        ReadOnlySpan<char> text = scan.Text;
        int start = colon;
        while (start > 0 && colon - start < 5 && Chars.Is(text[start - 1], CharClass.Hex))
        {
            start--;
        }

        if (colon - start > 4 || (start > 0 && (Chars.IsWord(text[start - 1]) || text[start - 1] is ':' or '.')))
        {
            return; // not the first colon of an address
        }

        int end = start, bound = Math.Min(text.Length, start + Ipv6Max + 1);
        while (end < bound && (Chars.Is(text[end], CharClass.Hex) || text[end] == ':'))
        {
            end++;
        }

        if (end - start is < 6 or > Ipv6Max || (end < text.Length && (Chars.IsWord(text[end]) || text[end] == '.')))
        {
            return;
        }

        while (end > start && text[end - 1] == ':' && text[end - 2] != ':')
        {
            end--;
        }

        ReadOnlySpan<char> found = text[start..end];
        if (found.IndexOfAnyInRange('0', '9') >= 0 && found.Count(':') >= 2 && IPAddress.TryParse(found, out IPAddress? address) && !IPAddress.IsLoopback(address))
        {
            scan.Add(DetectorId.Ipv6, start, end);
        }
    }
}
