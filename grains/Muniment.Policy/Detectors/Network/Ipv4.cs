using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Network;

/// <summary>IPv4 addresses (opt-in): four numbers of at most 255 without leading zeros; not this host's own (0.0.0.0, 127.0.0.1), not versions.</summary>
internal static class Ipv4
{
    /// <summary>Looks at digits that a dot follows.</summary>
    public static void Find(in Scan scan, int start)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (start > 0 && text[start - 1] is '.' or '-')
        {
            return;
        }

        int i = start;
        uint address = 0;
        for (int part = 0; part < 4; part++)
        {
            int first = i, value = 0;
            while (i < text.Length && i - first < 4 && Chars.IsDigit(text[i]))
            {
                value = (value * 10) + text[i++] - '0';
            }

            if (i == first || value > 255 || (i - first > 1 && text[first] == '0') || (part < 3 && !(i < text.Length && text[i++] == '.')))
            {
                return;
            }

            address = (address << 8) | (uint)value;
        }

        bool more = i < text.Length && (Chars.IsWord(text[i]) || (text[i] == '.' && i + 1 < text.Length && Chars.IsDigit(text[i + 1])) || (text[i] == '-' && i + 1 < text.Length && char.IsAsciiLetter(text[i + 1])));
        if (!more && address is not (0 or 0x7F000001))
        {
            scan.Add(DetectorId.Ipv4, start, i);
        }
    }
}
