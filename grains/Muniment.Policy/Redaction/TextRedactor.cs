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
        HitList hits = new();
        string? redacted = Redact(text, 0, hits, counts);
        failed = FailedTypes(set, hits.Failed);
        return redacted ?? text;
    }

    /// <summary>The text redacted, without what is told of it.</summary>
    internal string Plain(string text) => Redact(text, 0, new HitList(), new DetectorCounts(set)) ?? text;

    /// <summary>Redacts what stands from <paramref name="first"/> on; what stands before is context and no part of the result. Null when nothing is found.</summary>
    internal string? Redact(ReadOnlySpan<char> text, int first, HitList hits, DetectorCounts counts)
    {
        hits.Clear();
        if (set.IsEmpty || text.Length == first)
        {
            return null;
        }

        FoldedText folded = FoldedText.Of(text);
        ReadOnlySpan<char> view = folded.View(text);
        int from = folded.IndexOf(first);
        TextScanner.Find(set, view, atEnd: true, from, view.Length, hits);
        if (hits.Count == 0)
        {
            return null;
        }

        WholeText spans = new(text.ToString(), folded);
        new Cover(set, counts).Write(view, from, view.Length, hits, spans);
        return spans.Finish();
    }

    /// <summary>Types of the patterns that failed.</summary>
    internal static ImmutableArray<string> FailedTypes(DetectorSet set, uint failed) =>
        failed == 0 ? [] : [.. Enumerable.Range(0, set.Customs.Length).Where(i => ((failed >> i) & 1) != 0).Select(i => set.TypeOf((int)DetectorId.Count + i))];

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
