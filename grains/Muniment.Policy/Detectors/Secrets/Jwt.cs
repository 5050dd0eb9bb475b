using System.Buffers;
using System.Buffers.Text;
using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Secrets;

/// <summary>JSON web tokens (RFC 7519, also encrypted ones): the first segment is decoded and must be a JSON object with a member <c>alg</c>.</summary>
internal static class Jwt
{
    /// <summary>Looks for a token at a place where <c>eyJ</c> stands.</summary>
    public static void Find(in Scan scan, int start)
    {
        ReadOnlySpan<char> text = scan.Text;
        if (!scan.Has(DetectorId.Jwt) || !text[start..].StartsWith("eyJ", StringComparison.Ordinal))
        {
            return;
        }

        int bound = scan.Bound(start);
        int dot = Chars.RunEnd(text, start, bound, CharClass.Url64);
        bool whole = dot < bound && text[dot] == '.';
        if (!(whole || dot == start + ScanLimits.Hold) || !IsHeader(text[start..dot], whole))
        {
            return;
        }

        int end = Chars.RunEnd(text, start, bound, CharClass.Dotted);
        if (whole && end < start + ScanLimits.Hold)
        {
            int second = Chars.RunEnd(text, dot + 1, bound, CharClass.Url64);
            if (second - dot < 9 || second >= bound || text[second] != '.')
            {
                return; // two segments and a third, be it empty (alg none)
            }

            while (text[end - 1] == '.' && end - 1 > second)
            {
                end--;
            }
        }

        scan.AddRun(DetectorId.Jwt, start, end, Swallow.Token);
    }

    private static bool IsHeader(ReadOnlySpan<char> segment, bool whole)
    {
        Span<byte> ascii = stackalloc byte[ScanLimits.Hold], json = stackalloc byte[ScanLimits.Hold];
        segment = segment[..Math.Min(segment.Length, ScanLimits.Hold)];
        segment = whole ? segment : segment[..(segment.Length / 4 * 4)];
        if (System.Text.Encoding.ASCII.GetBytes(segment, ascii) != segment.Length
            || Base64Url.DecodeFromUtf8(ascii[..segment.Length], json, out _, out int written) != OperationStatus.Done)
        {
            return false;
        }

        json = json[..written];
        int name = json.IndexOf("\"alg\""u8);
        return json.StartsWith("{"u8) && name > 0 && json[(name + 5)..].TrimStart(" \t\r\n"u8) is [(byte)':', ..] && (!whole || json.TrimEnd(" \t\r\n"u8).EndsWith("}"u8));
    }
}
