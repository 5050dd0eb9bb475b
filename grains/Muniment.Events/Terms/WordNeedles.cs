using Muniment.Events.Blocks;

namespace Muniment.Events.Terms;

/// <summary>
/// What of a word of free text can be looked for in an entry's bytes before the entry is read. Only what stands in the bytes as it stands in the event: not words that a mapper writes
/// itself, numbers or hex ids, nor letters that other letters fold to; words inside binary values, which an event shows as base64, do not count as text.
/// </summary>
public static class WordNeedles
{
    private const int MinLength = 3;

    /// <summary>Words of actions and values that mappers make up.</summary>
    private static readonly HashSet<string> MadeUp = new(StringComparer.Ordinal)
    {
        "log", "record", "span", "end", "metric", "report", "event", "unreadable", "nan", "infinity", "unknown", "service", "the", "stored", "is", "not", "valid", "otlp",
    };

    /// <summary>The needle of a folded word; null when none is safe.</summary>
    public static RowNeedles? For(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        if (MadeUp.Contains(word) || !word.AsSpan().ContainsAnyInRange('g', 'z'))
        {
            return null;
        }

        // Two characters beyond ASCII fold to i and k, so these two are left out.
        string? run = word.Split('i', 'k').Where(r => r.All(char.IsAsciiLetterOrDigit)).MaxBy(r => r.Length);
        return run is { Length: >= MinLength } ? new RowNeedles([[.. run.Select(c => (byte)c)]], NeedleForm.Folded) : null;
    }
}
