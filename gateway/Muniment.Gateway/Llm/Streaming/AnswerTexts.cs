using System.Collections.Immutable;
using System.Text;
using Muniment.Gateway.Llm.Texts;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Llm.Streaming;

/// <summary>The texts of an answer as they came, for its verdict, its digests and its evidence. Bounded; what is beyond is said to be over the limit.</summary>
internal sealed class AnswerTexts
{
    /// <summary>Most characters that are kept.</summary>
    public const int MaxChars = 4 << 20;

    /// <summary>Most texts.</summary>
    public const int MaxTexts = 4096;

    private readonly List<Entry> _entries = [];
    private int _chars;

    /// <summary>Whether something was left out.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Characters kept.</summary>
    public int Chars => _chars;

    /// <summary>Adds a piece to the text of this place.</summary>
    public void Add(long owner, long part, string name, string piece)
    {
        if (_chars + piece.Length > MaxChars)
        {
            IsCut = true;
            return;
        }

        Entry? entry = null;
        foreach (Entry known in _entries)
        {
            if (known.Owner == owner && known.Part == part && known.Name == name)
            {
                entry = known;
                break;
            }
        }

        if (entry is null)
        {
            if (_entries.Count == MaxTexts)
            {
                IsCut = true;
                return;
            }

            entry = new Entry(owner, part, name, new StringBuilder());
            _entries.Add(entry);
        }

        entry.Text.Append(piece);
        _chars += piece.Length;
    }

    /// <summary>The texts.</summary>
    /// <param name="pointer">Makes the pointer of a place.</param>
    public ImmutableArray<InspectedText> ToTexts(Func<long, long, string, string> pointer) =>
        [.. _entries.Where(entry => entry.Text.Length > 0).Select(entry => new InspectedText(pointer(entry.Owner, entry.Part, entry.Name), RoleOf(entry.Name).Name(), entry.Text.ToString()))];

    private static TextRole RoleOf(string name) =>
        name.Contains("arguments", StringComparison.Ordinal) || name.Contains("input", StringComparison.Ordinal) || name.Contains("partial_json", StringComparison.Ordinal) ? TextRole.ToolArguments
        : name.Contains("reasoning", StringComparison.Ordinal) || name.Contains("thinking", StringComparison.Ordinal) ? TextRole.Reasoning
        : TextRole.Assistant;

    private sealed record Entry(long Owner, long Part, string Name, StringBuilder Text);
}
