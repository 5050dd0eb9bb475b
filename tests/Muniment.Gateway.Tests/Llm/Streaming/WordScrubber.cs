using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Redaction;

namespace Muniment.Gateway.Tests.Llm.Streaming;

/// <summary>A detector of one word, held back exactly as long as a piece could still become it: what streams do with a scrubber can be told from it.</summary>
internal sealed class WordScrubber(string word = "hunter2") : Scrubber
{
    public const string Mark = "[PASSWORD]";

    public List<string> Pointers { get; } = [];

    public override bool IsActive => true;

    public override string? Scrub(string text, in TextPlace place)
    {
        if (!text.Contains(word, StringComparison.Ordinal))
        {
            return null;
        }

        Pointers.Add(place.Pointer);
        return text.Replace(word, Mark, StringComparison.Ordinal);
    }

    public override string? ScrubJson(string text, in TextPlace place)
    {
        var tape = new JsonTape();
        if (tape.Read(System.Text.Encoding.UTF8.GetBytes(text)) is not JsonFault.None)
        {
            return Scrub(text, place);
        }

        var edits = new JsonEdits();
        for (int node = 0; node < tape.Count; node++)
        {
            if (tape[node].Kind is JsonKind.String && Scrub(tape.Text(node), place) is { } scrubbed)
            {
                edits.ReplaceWithText(tape[node].Start, tape[node].End, scrubbed);
            }
        }

        return edits.Count == 0 ? null : System.Text.Encoding.UTF8.GetString(edits.Apply(tape.Document).Span);
    }

    public override ChannelScrubber Open(string pointer) => new Channel(word);

    private sealed class Channel(string word) : ChannelScrubber
    {
        private string _held = "";

        public override string Append(string piece)
        {
            string text = (_held + piece).Replace(word, Mark, StringComparison.Ordinal);
            int keep = Enumerable.Range(1, word.Length - 1).Where(n => n <= text.Length && text.EndsWith(word[..n], StringComparison.Ordinal)).DefaultIfEmpty(0).Max();
            _held = text[^keep..];
            return text[..^keep];
        }

        public override string Flush()
        {
            string rest = _held;
            _held = "";
            return rest;
        }
    }
}
