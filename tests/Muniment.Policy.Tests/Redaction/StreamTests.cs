using System.Text;
using Muniment.Policy.Detectors;
using Muniment.Policy.Redaction;
using Muniment.Policy.Tests.Detectors;

namespace Muniment.Policy.Tests.Redaction;

/// <summary>However a text is cut, the stream comes out as the whole text does.</summary>
public class StreamTests
{
    private static readonly DetectorSet All = DetectorSet.TryCreate(DetectorCatalog.All.Select(d => d.Name), [], out _)!;

    [Fact]
    public void Every_cut_of_every_short_text_of_the_corpus()
    {
        TextRedactor whole = new(All);
        int texts = 0;
        foreach (Corpus.Case c in Corpus.Hits.Where(c => c.Text.Length <= 110))
        {
            string expected = whole.Redact(c.Text).Text;
            for (int cut = 0; cut <= c.Text.Length; cut++)
            {
                StreamRedactor stream = new(All);
                string redacted = stream.Append(c.Text.AsSpan(0, cut)) + stream.Append(c.Text.AsSpan(cut)) + stream.Flush();
                Assert.True(expected == redacted, $"cut at {cut}: {c.Text}\n is {redacted}\n whole {expected}");
            }

            texts++;
        }

        Assert.True(texts >= 200, $"{texts} texts");
    }

    [Fact]
    public void One_character_at_a_time()
    {
        TextRedactor whole = new(All);
        foreach (Corpus.Case c in Corpus.Hits)
        {
            StreamRedactor stream = new(All);
            StringBuilder redacted = new();
            foreach (char one in c.Text)
            {
                redacted.Append(stream.Append([one]));
            }

            redacted.Append(stream.Flush());
            Assert.Equal(whole.Redact(c.Text).Text, redacted.ToString());
            Assert.InRange(stream.MaxHeld, 0, 256);
        }
    }

    [Theory]
    [InlineData("Hello there, how ", "Hello there, how ")]
    [InlineData("Hello there, how", "Hello there, ")]
    [InlineData("I have 3 ", "I have ")]
    [InlineData("I have 3 a", "I have 3 ")]
    public void Prose_waits_for_no_more_than_its_last_word(string text, string released) => Assert.Equal(released, new StreamRedactor(All).Append(text));
}
