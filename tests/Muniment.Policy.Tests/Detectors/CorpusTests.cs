using System.Collections.Immutable;
using Muniment.Policy.Detectors;
using Muniment.Policy.Redaction;

namespace Muniment.Policy.Tests.Detectors;

/// <summary>Recall and false positives on the labelled corpus; the figures are those the product promises.</summary>
public class CorpusTests
{
    private const double RecallMin = 0.98, FalseMax = 0.01;

    public static TheoryData<string> Detectors => [.. Corpus.Hits.Select(c => c.Detector).Distinct()];

    [Theory]
    [MemberData(nameof(Detectors))]
    public void Finds_what_it_must_and_covers_it_whole(string detector)
    {
        TextRedactor redactor = Redactor(detector);
        ImmutableArray<Corpus.Case> cases = [.. Corpus.Hits.Where(c => c.Detector == detector)];
        Assert.True(cases.Length >= 8);
        List<string> failed = [];
        int values = 0, found = 0;
        foreach (Corpus.Case c in cases)
        {
            string redacted = redactor.Redact(c.Text).Text;
            foreach ((_, string value) in c.Values)
            {
                values++;
                found += redacted.Contains(value, StringComparison.Ordinal) || !redacted.Contains('[' + detector.ToUpperInvariant() + ']', StringComparison.Ordinal) ? 0 : 1;
            }

            if (redacted != c.Redacted)
            {
                failed.Add($"{c.Text}\n   is      {redacted}\n   must be {c.Redacted}");
            }
        }

        Assert.True(found >= RecallMin * values, $"{found} of {values} found:\n{string.Join('\n', failed)}");
        Assert.True(failed.Count == 0, $"the span is not the labelled one:\n{string.Join('\n', failed)}");
    }

    [Theory]
    [MemberData(nameof(Detectors))]
    public void Passes_what_only_comes_near(string detector)
    {
        ImmutableArray<Corpus.Case> cases = [.. Corpus.Misses.Where(c => c.Detector == detector)];
        Assert.True(cases.Length >= 8);
        string[] wrong = [.. cases.Where(c => DetectorSetOf(detector).Find(c.Text).Length > 0).Select(c => c.Text)];
        Assert.True(wrong.Length == 0, $"{wrong.Length} of {cases.Length}:\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public void Finds_next_to_nothing_in_ordinary_code_and_logs()
    {
        Assert.True(Corpus.Negatives.Length >= 200);
        string[] wrong = [.. Corpus.Negatives.Where(t => DetectorSet.Default.Find(t).Length > 0).Select(t => new TextRedactor(DetectorSet.Default).Redact(t).Text)];
        Assert.True(wrong.Length <= FalseMax * Corpus.Negatives.Length, $"{wrong.Length} of {Corpus.Negatives.Length}:\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public void Every_detector_has_cases() =>
        Assert.Equal(DetectorCatalog.All.Select(d => d.Name).Order(), Corpus.Hits.Select(c => c.Detector).Distinct().Order());

    [Fact]
    public void All_detectors_together_cover_every_value()
    {
        TextRedactor redactor = new(DetectorSet.TryCreate(DetectorCatalog.All.Select(d => d.Name), [], out _)!);
        string[] leaked = [.. Corpus.Hits.Where(c => redactor.Redact(c.Text) is var r && c.Values.Any(v => r.Text.Contains(v.Value, StringComparison.Ordinal))).Select(c => c.ToString())];
        Assert.True(leaked.Length == 0, string.Join('\n', leaked));
    }

    private static DetectorSet DetectorSetOf(string name) => DetectorSet.TryCreate([name], [], out _)!;

    private static TextRedactor Redactor(string name) => new(DetectorSetOf(name));
}
