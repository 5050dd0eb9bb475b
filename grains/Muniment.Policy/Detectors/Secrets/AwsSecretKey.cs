using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Detectors.Secrets;

/// <summary>The secret half of an AWS key: 40 base64 characters beside its name. Nothing in the value itself tells it from a digest.</summary>
internal static class AwsSecretKey
{
    /// <summary>Characters of one.</summary>
    public const int Length = 40;

    /// <summary>Looks at a run of base64 characters of just that length.</summary>
    public static void Find(in Scan scan, int start)
    {
        ReadOnlySpan<char> text = scan.Text;
        int end = start + Length;
        if (!scan.Has(DetectorId.AwsSecretKey) || (start > 0 && (Chars.Is(text[start - 1], CharClass.Base64) && !Chars.IsTokenStart(text, start))) || (end < text.Length && Chars.Is(text[end], CharClass.Base64)))
        {
            return;
        }

        ReadOnlySpan<char> value = text[start..end];
        if (Chars.RunEnd(value, 0, Length, CharClass.Hex) == Length || Entropy.Of(value) < 4.1f || value.Contains("EXAMPLE", StringComparison.Ordinal))
        {
            return;
        }

        if (Context.Has(text, start, 60, "secret") && (Context.Has(text, start, 60, "aws") || Context.Has(text, start, 60, "key")))
        {
            scan.Add(DetectorId.AwsSecretKey, start, end);
        }
    }
}
