using System.Collections.Immutable;

namespace Muniment.Events.Terms;

/// <summary>Takes case-folded words.</summary>
public interface IWordSink
{
    /// <summary>Takes one word of 1 to <see cref="TextWords.MaxLength"/> characters; not kept.</summary>
    void Add(scoped ReadOnlySpan<char> word);
}

/// <summary>
/// What a word is, for the filters of sealed blocks and for <c>q</c> alike: a run of letters and digits, folded with the invariant lower case, cut after
/// <see cref="MaxLength"/> characters. Part of what sealed blocks hold, therefore never changed.
/// </summary>
public static class TextWords
{
    /// <summary>Longest word in characters; what follows belongs to no word.</summary>
    public const int MaxLength = 64;

    /// <summary>Hands each word of a text to the sink.</summary>
    public static void Collect<TSink>(scoped ReadOnlySpan<char> text, ref TSink sink)
        where TSink : IWordSink, allows ref struct
    {
        Span<char> folded = stackalloc char[MaxLength];
        int length = 0;
        foreach (char c in text)
        {
            if (char.IsLetterOrDigit(c))
            {
                if (length < MaxLength)
                {
                    folded[length] = char.ToLowerInvariant(c);
                }

                length++;
            }
            else if (length > 0)
            {
                sink.Add(folded[..Math.Min(length, MaxLength)]);
                length = 0;
            }
        }

        if (length > 0)
        {
            sink.Add(folded[..Math.Min(length, MaxLength)]);
        }
    }

    /// <summary>The distinct words of a query in their order.</summary>
    public static ImmutableArray<string> Split(string text)
    {
        var sink = new ListSink([]);
        Collect(text, ref sink);
        return [.. sink.Words.Distinct(StringComparer.Ordinal)];
    }

    private readonly struct ListSink(List<string> words) : IWordSink
    {
        public List<string> Words => words;

        public void Add(scoped ReadOnlySpan<char> word) => words.Add(word.ToString());
    }
}
