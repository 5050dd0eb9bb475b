using System.Globalization;
using System.Text;
using Muniment.Policy.Detectors;
using Muniment.Policy.Redaction;

namespace Muniment.Policy.Tests.Redaction;

/// <summary>
/// For every text, set and chunking the stream equals the whole, and nothing that was planted is left. The number of cases is 10,000;
/// MUNIMENT_REDACTION_CASES asks for more (scripts/soak redaction: 100,000 and more), MUNIMENT_REDACTION_SEED for others.
/// </summary>
public class StreamProperties
{
    private const int Leak = 12;

    private static readonly DetectorSet[] Sets =
    [
        DetectorSet.Default,
        DetectorSet.TryCreate(DetectorCatalog.All.Select(d => d.Name), [], out _)!,
        DetectorSet.TryCreate(["default"], [new CustomPattern("ticket", @"\bPROJ-\d{2,6}\b"), new CustomPattern("falcon", @"(?:the|project)\s+\w{3,9}", 24, IgnoreCase: true)], out _)!,
    ];

    [Fact]
    public void Streams_equal_the_whole_for_any_set_of_detectors()
    {
        RandomTexts texts = new(Setting("MUNIMENT_REDACTION_SEED", 7));
        Random random = new(11);
        for (int i = 0; i < Setting("MUNIMENT_REDACTION_CASES", 10_000) / 5; i++)
        {
            string[] names = [.. DetectorCatalog.All.Where(_ => random.Next(4) == 0).Select(d => d.Name)];
            CustomPattern[] own = random.Next(3) > 0 ? [] : [new CustomPattern("own", random.Next(2) == 0 ? @"[A-Z]{2,4}-?\d+" : @"\w+\s\w+", random.Next(3, 40))];
            DetectorSet set = DetectorSet.TryCreate(names, own, out _)!;
            (string text, _) = texts.Next();
            StreamRedactor stream = new(set);
            StringBuilder streamed = new();
            foreach ((int start, int length) in texts.Chunks(text.Length))
            {
                streamed.Append(stream.Append(text.AsSpan(start, length)));
            }

            string redacted = streamed.Append(stream.Flush()).ToString(), expected = new TextRedactor(set).Redact(text).Text;
            Assert.True(redacted == expected, $"case {i}, {string.Join(',', set.Types)}\ntext  {Show(text)}\nis    {Show(redacted)}\nwhole {Show(expected)}");
        }
    }

    [Fact]
    public void Streams_equal_the_whole_and_leak_nothing()
    {
        int cases = Setting("MUNIMENT_REDACTION_CASES", 10_000), seed = Setting("MUNIMENT_REDACTION_SEED", 20260921);
        RandomTexts texts = new(seed);
        TextRedactor[] whole = [.. Sets.Select(s => new TextRedactor(s))];
        StringBuilder streamed = new();
        for (int i = 0; i < cases; i++)
        {
            (string text, List<string> planted) = texts.Next();
            int at = i % Sets.Length;
            string expected = whole[at].Redact(text).Text;
            StreamRedactor stream = new(Sets[at], remember: i % 4 == 0);
            streamed.Clear();
            foreach ((int start, int length) in texts.Chunks(text.Length))
            {
                streamed.Append(stream.Append(text.AsSpan(start, length)));
            }

            streamed.Append(stream.Flush());
            string redacted = streamed.ToString();
            Assert.True(redacted == expected, $"case {i} of seed {seed}\ntext  {Show(text)}\nis    {Show(redacted)}\nwhole {Show(expected)}");
            Assert.True(i % 4 != 0 || stream.Emitted == redacted);
            if (planted.Find(p => Leaks(redacted, p)) is { } leak)
            {
                Assert.Fail($"case {i} of seed {seed} leaks {Show(leak)}\ntext {Show(text)}\nis   {Show(redacted)}");
            }
        }
    }

    /// <summary>Whether the value, or 12 characters of it in a row, can be read in a text, hidden or not. Knows nothing of detectors.</summary>
    private static bool Leaks(string redacted, string value)
    {
        string seen = Readable(redacted);
        if (value.Length <= Leak || value.Contains('@') || value.StartsWith("-----", StringComparison.Ordinal))
        {
            return seen.Contains(value, StringComparison.Ordinal);
        }

        // What every value of a kind begins with is no secret.
        for (int i = value.StartsWith("eyJ", StringComparison.Ordinal) ? 60 : Math.Min(20, value.Length - Leak); i + Leak <= value.Length; i += 4)
        {
            if (seen.Contains(value.Substring(i, Leak), StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static string Readable(string text)
    {
        StringBuilder seen = new();
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\' && i + 6 <= text.Length && text[i + 1] == 'u' && int.TryParse(text.AsSpan(i + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code) && code is > 32 and < 127)
            {
                seen.Append((char)code);
                i += 5;
            }
            else if (c != '\u200b')
            {
                seen.Append(c is >= '\uff01' and <= '\uff5e' ? (char)(c - 0xfee0) : c);
            }
        }

        return seen.ToString();
    }

    private static string Show(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    private static int Setting(string name, int usual) => int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : usual;
}
