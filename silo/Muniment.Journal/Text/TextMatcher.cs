using System.Collections.Immutable;
using System.Text;
using Muniment.Events.Canonical;

namespace Muniment.Journal.Text;

/// <summary>Tests events for <c>q</c>: all its words must occur, by exactly the rule that the bloom filters are built with.</summary>
/// <param name="words">From <see cref="TextWords.Split"/>; also what belongs into <see cref="BlockFilter.Words"/>.</param>
public sealed class TextMatcher(ImmutableArray<string> words)
{
    private readonly byte[][] _words = [.. words.Select(Encoding.UTF8.GetBytes)];

    /// <summary>True when every word is in the event's text. Mask the event first where the reader's role asks for it.</summary>
    public bool Matches(CanonicalEvent canonical)
    {
        Visitor visitor = new(_words);
        EventText.Each(canonical, ref visitor);
        return visitor.Missing == 0;
    }

    private struct Visitor : IWordVisitor
    {
        private readonly byte[][] _words;
        private readonly bool[] _seen;

        public Visitor(byte[][] words)
        {
            _words = words;
            _seen = new bool[words.Length];
            Missing = words.Length;
        }

        public int Missing { get; private set; }

        public void Visit(ReadOnlySpan<byte> word)
        {
            for (int i = 0; i < _words.Length; i++)
            {
                if (!_seen[i] && word.SequenceEqual(_words[i]))
                {
                    _seen[i] = true;
                    Missing--;
                }
            }
        }
    }
}
