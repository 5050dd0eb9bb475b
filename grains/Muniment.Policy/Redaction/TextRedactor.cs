using System.Collections.Immutable;
using Muniment.Policy.Detectors;
using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Redaction;

/// <summary>
/// Redacts whole texts: every span that a detector finds is replaced by <c>[TYPE]</c>. Fullwidth, styled and invisible characters do not hide anything from it.
/// Immutable, safe to share.
/// </summary>
/// <param name="set">The detectors.</param>
public sealed class TextRedactor(DetectorSet set)
{
    /// <summary>The detectors.</summary>
    public DetectorSet Set => set;

    /// <summary>Redacts a text.</summary>
    public RedactionResult Redact(string text)
    {
        DetectorCounts counts = new(set);
        string redacted = Redact(text, counts, out ImmutableArray<string> failed);
        return new RedactionResult(redacted, counts, failed);
    }

    /// <summary>Redacts a text and adds to counts of the same set.</summary>
    public string Redact(string text, DetectorCounts counts, out ImmutableArray<string> failed)
    {
        failed = [];
        if (set.IsEmpty || text.Length == 0)
        {
            return text;
        }

        HitList hits = new();
        FoldedText folded = FoldedText.Of(text);
        ReadOnlySpan<char> view = folded.View(text);
        TextScanner.Find(set, view, atEnd: true, 0, view.Length, hits);
        failed = FailedTypes(set, hits);
        if (hits.Count == 0)
        {
            return text;
        }

        WholeText spans = new(text, folded);
        new Cover(set, counts).Write(view, 0, view.Length, hits.Hits, spans);
        return spans.Finish();
    }

    /// <summary>Types of the patterns that failed.</summary>
    internal static ImmutableArray<string> FailedTypes(DetectorSet set, HitList hits) =>
        hits.Failed == 0 ? [] : [.. Enumerable.Range(0, set.Customs.Length).Where(hits.HasFailed).Select(i => set.TypeOf((int)DetectorId.Count + i))];

    private sealed class WholeText(string source, FoldedText folded) : Cover.ISpans
    {
        private readonly CharBuffer _output = new();

        public void Text(int from, int to) => _output.Append(source.AsSpan()[folded.SourceStart(from)..folded.SourceStart(to)]);

        public void Placeholder(string type)
        {
            _output.Append('[');
            _output.Append(type);
            _output.Append(']');
        }

        public string Finish()
        {
            // What is left out at the very end belongs to no character.
            _output.Append(source.AsSpan(folded.SourceStart(folded.View(source).Length)));
            return new string(_output.Span);
        }
    }
}
