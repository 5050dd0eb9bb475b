using System.Buffers;
using Muniment.Policy.Detectors;
using Muniment.Policy.Redaction;

namespace Muniment.Gateway.Deciding;

/// <summary>Pointers as records tell them. A pointer is made of the names of members, and where callers make the names, a name may be the secret: records hold digests of contents, not contents.</summary>
internal static class RecordPointer
{
    private const int LongestPlainName = 24;

    private static readonly SearchValues<char> Plain = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_/");
    private static readonly TextRedactor Redactor = new(DetectorSet.Default);

    /// <summary>The pointer, with whatever default detectors find in its names replaced, and cut to the length of a name.</summary>
    public static string Of(string pointer) => DecisionRecord.Short(IsPlain(pointer) ? pointer : Redacted(pointer))!;

    private static bool IsPlain(ReadOnlySpan<char> pointer)
    {
        if (pointer.IndexOfAnyExcept(Plain) >= 0)
        {
            return false;
        }

        while (pointer.Length > LongestPlainName)
        {
            int sign = pointer[..(LongestPlainName + 1)].LastIndexOf('/');
            if (sign < 0)
            {
                return false;
            }

            pointer = pointer[(sign + 1)..];
        }

        return true;
    }

    private static string Redacted(string pointer)
    {
        string[] names = pointer.Split('/');
        for (int i = 0; i < names.Length; i++)
        {
            string name = names[i].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            string redacted = Redactor.Redact(name).Text;
            names[i] = redacted == name ? names[i] : redacted.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
        }

        return string.Join('/', names);
    }
}
