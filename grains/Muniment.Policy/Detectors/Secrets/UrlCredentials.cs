using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Secrets;

/// <summary>User and password before the host of a URL; both are covered, scheme and host stay.</summary>
internal static class UrlCredentials
{
    /// <summary>Looks at what stands before an <c>@</c>.</summary>
    public static void Find(in Scan scan, int at)
    {
        if (scan.Has(DetectorId.UrlCredentials) && TryRead(scan.Text, at, out int start))
        {
            scan.Add(DetectorId.UrlCredentials, start, at);
        }
    }

    /// <summary>Whether what looks like an address is the password of a URL and its host: found as such, or a word in a password's place.</summary>
    public static bool Takes(ReadOnlySpan<char> text, int local, int at) =>
        TryRead(text, at, out int start) || (IsUserInfo(text, at, out start) && text[start..at].IndexOf(':') + start + 1 == local);

    private static bool IsUserInfo(ReadOnlySpan<char> text, int at, out int start)
    {
        int floor = Math.Max(0, at - ScanLimits.Before + 12);
        start = at;
        while (start > floor && Chars.Is(text[start - 1], CharClass.UserInfo))
        {
            start--;
        }

        return start >= 4 && text[start - 1] == '/' && text[start - 2] == '/' && text[start - 3] == ':' && Chars.IsAlnum(text[start - 4]) && text[start..at].Contains(':');
    }

    private static bool TryRead(ReadOnlySpan<char> text, int at, out int start)
    {
        if (!IsUserInfo(text, at, out start))
        {
            return false;
        }

        ReadOnlySpan<char> both = text[start..at];
        int colon = both.IndexOf(':');
        return both.Length - colon > 3 && !Placeholders.Is(both[(colon + 1)..]) && !both[..colon].SequenceEqual(both[(colon + 1)..]);
    }
}
