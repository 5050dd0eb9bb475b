using System.Collections.Immutable;
using System.Text;

namespace Muniment.Policy.Tests.Detectors;

/// <summary>Reads tests/fixtures/redaction (its README says how the files are written).</summary>
internal static class Corpus
{
    public static ImmutableArray<Case> Hits { get; } = Read("hits.txt");

    public static ImmutableArray<Case> Misses { get; } = Read("misses.txt");

    public static ImmutableArray<string> Negatives { get; } = [.. File.ReadLines(Find("negatives.txt")).Where(l => l.Length > 0 && !l.StartsWith('#')).Select(Unescape)];

    /// <param name="Detector">Whose case it is.</param>
    /// <param name="Text">The text.</param>
    /// <param name="Redacted">What is expected of it.</param>
    /// <param name="Values">The labelled values.</param>
    public sealed record Case(string Detector, string Text, string Redacted, ImmutableArray<(string Detector, string Value)> Values)
    {
        public override string ToString() => $"{Detector}: {Text}";
    }

    private static ImmutableArray<Case> Read(string file) => [.. File.ReadLines(Find(file)).Where(l => l.Length > 0 && !l.StartsWith('#')).Select(Parse)];

    private static Case Parse(string line)
    {
        int tab = line.IndexOf('\t');
        string text = Unescape(line[(tab + 1)..].Replace("\u00a6", ""));
        StringBuilder plain = new(), redacted = new();
        ImmutableArray<(string, string)>.Builder values = ImmutableArray.CreateBuilder<(string, string)>();
        for (int i = 0; i < text.Length;)
        {
            if (text[i] != '\u27e6')
            {
                plain.Append(text[i]);
                redacted.Append(text[i++]);
                continue;
            }

            int bar = text.IndexOf('|', i), end = text.IndexOf('\u27e7', bar);
            values.Add((text[(i + 1)..bar], text[(bar + 1)..end]));
            plain.Append(text, bar + 1, end - bar - 1);
            redacted.Append('[').Append(text[(i + 1)..bar].ToUpperInvariant()).Append(']');
            i = end + 1;
        }

        return new Case(line[..tab], plain.ToString(), redacted.ToString(), values.ToImmutable());
    }

    private static string Unescape(string text)
    {
        StringBuilder result = new();
        for (int i = 0; i < text.Length; i++)
        {
            char next = text[i] == '\\' && i + 1 < text.Length ? text[i + 1] : '\0';
            (char c, int length) = next switch { 'n' => ('\n', 2), 't' => ('\t', 2), 'r' => ('\r', 2), '\\' => ('\\', 2), _ => (text[i], 1) };
            result.Append(c);
            i += length - 1;
        }

        return result.ToString();
    }

    private static string Find(string file)
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Platform.sln")))
        {
            at = at.Parent;
        }

        return Path.Combine(at!.FullName, "tests", "fixtures", "redaction", file);
    }
}
