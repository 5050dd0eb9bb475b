using Muniment.Policy.Detectors.Network;
using Muniment.Policy.Detectors.Secrets;

namespace Muniment.Policy.Detectors.Scanning;

/// <summary>
/// Finds long tokens. A run of at least 20 token characters has one at every twentieth place, so most of a text is never looked at; within a run
/// only the places where a token may begin are asked about anchors.
/// </summary>
internal static class RunPass
{
    /// <summary>Nothing anchored is shorter.</summary>
    private const int MinRun = 20;

    /// <summary>Looks through the text from there on.</summary>
    public static void Find(in Scan scan, int from)
    {
        ReadOnlySpan<char> text = scan.Text;
        int next = from;
        while (next + MinRun - 1 < text.Length)
        {
            int probe = next + MinRun - 1;
            if (!Chars.Is(text[probe], CharClass.Run))
            {
                next = probe + 1;
                continue;
            }

            int start = probe;
            while (start > next && Chars.Is(text[start - 1], CharClass.Run))
            {
                start--;
            }

            int end = Chars.RunEnd(text, probe + 1, text.Length, CharClass.Run);
            if (end - start >= MinRun)
            {
                Visit(scan, start, end);
            }

            next = end + 1;
        }
    }

    private static void Visit(in Scan scan, int start, int end)
    {
        ReadOnlySpan<char> text = scan.Text;
        int segment = start; // of base64 characters
        int i = start;
        if (i > 0 && text[i - 1] == '\\' && text[i] is 'n' or 'r' or 't' && i + 1 < end)
        {
            Token(scan, i + 1, end);
        }

        while (i < end)
        {
            if (Chars.IsAlnum(text[i]))
            {
                Token(scan, i, end);
                i = Chars.RunEnd(text, i, end, CharClass.Alnum);
                continue;
            }

            char c = text[i];
            if (c is not ('+' or '/'))
            {
                Segment(scan, segment, i);
                segment = i + 1;
            }

            if (c == '%' && i + 3 < end && Chars.Is(text[i + 1], CharClass.Hex) && Chars.Is(text[i + 2], CharClass.Hex) && Chars.IsAlnum(text[i + 3]))
            {
                Token(scan, i + 3, end);
            }
            else if (c == '~')
            {
                ShapedTokens.AzureSecret(scan, i);
            }
            else if (c == '.')
            {
                ShapedTokens.Terraform(scan, i);
            }

            i++;
        }

        Segment(scan, segment, end);
    }

    private static void Token(in Scan scan, int start, int end)
    {
        if (end - start < 4 || !Chars.IsTokenStart(scan.Text, start))
        {
            return; // the run was cut where the scan began
        }

        Anchors.Find(scan, start);
        switch (scan.Text[start])
        {
            case 'e':
                Jwt.Find(scan, start);
                break;
            case 'h':
                ShapedTokens.SlackWebhook(scan, start);
                break;
            case '1' or '3' or 'b' or 'l' or '0' or 'L' or 'M' or 't':
                CryptoAddress.Find(scan, start);
                break;
        }

        ShapedTokens.HexKey(scan, start);
        AuthorizationHeader.Bare(scan, start);
    }

    private static void Segment(in Scan scan, int start, int end)
    {
        if (end - start == AwsSecretKey.Length)
        {
            AwsSecretKey.Find(scan, start);
        }
    }
}
