using System.Collections.Immutable;
using Muniment.Events.Canonical;
using Muniment.Events.Terms;

namespace Muniment.Gateway.Query.Filters;

/// <summary>Looks for the words of <c>q</c> in one event.</summary>
internal static class WordMatcher
{
    /// <summary>Whether each word occurs; at most 64 words.</summary>
    public static bool ContainsAll(CanonicalEvent e, ImmutableArray<string> words)
    {
        var sink = new Sink(words.AsSpan());
        EventWords.Collect(e, ref sink);
        return sink.Missing == 0;
    }

    private ref struct Sink(ReadOnlySpan<string> words) : IWordSink
    {
        private readonly ReadOnlySpan<string> words = words;

        public ulong Missing { get; private set; } = words.Length == 64 ? ulong.MaxValue : (1UL << words.Length) - 1;

        public void Add(scoped ReadOnlySpan<char> word)
        {
            if (Missing == 0)
            {
                return;
            }

            for (int i = 0; i < words.Length; i++)
            {
                if (word.SequenceEqual(words[i]))
                {
                    Missing &= ~(1UL << i);
                }
            }
        }
    }
}
