using Muniment.Events;

namespace Muniment.Gateway.Query.Filters;

/// <summary>
/// A quick look for one word of <c>q</c> in an entry's bytes, whatever its letters' case, before the entry is read. It may say yes too often, never no where the
/// word is text of the event. It keeps to what stands in the bytes as it stands in the event: words that a mapper writes itself, numbers and hex ids are not
/// looked for, nor JSON with escapes; words inside binary values, which an event shows as base64, do not count as text.
/// </summary>
internal sealed class WordProbe
{
    private const int MinLength = 3;

    /// <summary>Letters and digits from the commonest in telemetry to the rarest; the rarest of a word is searched for first.</summary>
    private const string CommonFirst = "eatonrsi0l1dc2um3p4f5g6h7b8y9vwkxqjz";

    /// <summary>Words of actions and values that mappers make up.</summary>
    private static readonly HashSet<string> MadeUp = new(StringComparer.Ordinal)
    {
        "log", "record", "span", "end", "metric", "report", "event", "unreadable", "nan", "infinity", "unknown", "service", "the", "stored", "is", "not", "valid", "otlp",
    };

    private readonly byte[] lower;
    private readonly int anchor;
    private readonly byte anchorLower;
    private readonly byte anchorUpper;

    private WordProbe(string run)
    {
        lower = [.. run.Select(c => (byte)c)];
        anchor = run.IndexOf(run.MaxBy(c => CommonFirst.IndexOf(c, StringComparison.Ordinal)), StringComparison.Ordinal);
        anchorLower = lower[anchor];
        anchorUpper = anchorLower is >= (byte)'a' and <= (byte)'z' ? (byte)(anchorLower - 32) : anchorLower;
    }

    /// <summary>The probe for a folded word; null when none is safe.</summary>
    public static WordProbe? For(string word)
    {
        if (MadeUp.Contains(word) || !word.AsSpan().ContainsAnyInRange('g', 'z'))
        {
            return null;
        }

        // Two characters beyond ASCII fold to i and k, so these two are left out.
        string? run = word.Split('i', 'k').Where(r => r.All(char.IsAsciiLetterOrDigit)).MaxBy(r => r.Length);
        return run is { Length: >= MinLength } ? new WordProbe(run) : null;
    }

    /// <summary>Whether the word may be in the entry.</summary>
    public bool MayBeIn(in StoredEvent stored) =>
        IsIn(stored.Record.Span) || IsIn(stored.Resource.Span) || IsIn(stored.Scope.Span)
        || (stored.Kind == EntryKind.Event && stored.Record.Span.Contains((byte)'\\'));

    private bool IsIn(ReadOnlySpan<byte> bytes)
    {
        int at = anchor;
        int last = bytes.Length - (lower.Length - anchor);
        while (at <= last)
        {
            int found = bytes[at..(last + 1)].IndexOfAny(anchorLower, anchorUpper);
            if (found < 0)
            {
                return false;
            }

            at += found;
            if (Fits(bytes.Slice(at - anchor, lower.Length)))
            {
                return true;
            }

            at++;
        }

        return false;
    }

    private bool Fits(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < lower.Length; i++)
        {
            byte c = bytes[i];
            if ((c is >= (byte)'A' and <= (byte)'Z' ? c + 32 : c) != lower[i])
            {
                return false;
            }
        }

        return true;
    }
}
