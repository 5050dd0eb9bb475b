using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Muniment.Policy.Detectors.Scanning;
using Muniment.Policy.Redaction;

namespace Muniment.Policy.Detectors;

/// <summary>
/// Detectors chosen by name, compiled once, immutable, safe to share. Names are those of <see cref="DetectorCatalog.Names"/> (detectors and groups) and of customers' patterns.
/// </summary>
public sealed class DetectorSet
{
    /// <summary>Changes whenever a built-in detector finds something else than before.</summary>
    public const string RulesVersion = "1";

    private readonly bool[] _enabled;

    private DetectorSet(ImmutableArray<string> names, bool[] enabled, ImmutableArray<CustomDetector> customs)
    {
        Names = names;
        _enabled = enabled;
        Customs = customs;
        Types = [.. DetectorCatalog.All.Where((_, i) => enabled[i]).Select(d => d.Type), .. customs.Select(c => TypeOf(c.Pattern.Name)).Distinct()];
        Quiet = [.. names.Select(TypeOf).Distinct().Order(StringComparer.Ordinal).Select(type => new KeyValuePair<string, int>(type, 0))];
        NeedsRuns = enabled.AsSpan(0, (int)DetectorId.Cookie + 1).Contains(true) || enabled[(int)DetectorId.CryptoAddress];
        NeedsSymbols = enabled.Contains(true);
        ExtraHold = customs.Where(c => !c.IsCompact).Select(c => c.Pattern.MaxLength + 1).DefaultIfEmpty(0).Max();
        StringBuilder content = new StringBuilder(RulesVersion).Append('\n').AppendJoin('\n', Types);
        foreach (CustomPattern pattern in customs.Select(c => c.Pattern))
        {
            content.Append('\n').Append(pattern.Name).Append('\t').Append(pattern.Pattern).Append('\t').Append(pattern.MaxLength).Append('\t').Append(pattern.IgnoreCase);
        }

        Version = $"{RulesVersion}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content.ToString())).AsSpan(0, 6))}";
    }

    /// <summary>No detector at all.</summary>
    public static DetectorSet Empty { get; } = TryCreate([], [], out _)!;

    /// <summary>The group <c>default</c>.</summary>
    public static DetectorSet Default { get; } = TryCreate([DetectorCatalog.DefaultGroup], [], out _)!;

    /// <summary>The names it was made from, in order, each once.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Types of all detectors that run, e.g. <c>GITHUB_TOKEN</c>.</summary>
    public ImmutableArray<string> Types { get; }

    /// <summary>Says which rules ran: of two sets with the same version both find the same. At most 32 characters.</summary>
    public string Version { get; }

    /// <summary>Whether nothing is looked for.</summary>
    public bool IsEmpty => Types.IsEmpty;

    /// <summary>The short form of counts when nothing was found: every name with 0.</summary>
    internal ImmutableArray<KeyValuePair<string, int>> Quiet { get; }

    internal ReadOnlySpan<bool> Enabled => _enabled;

    internal ImmutableArray<CustomDetector> Customs { get; }

    internal bool NeedsRuns { get; }

    internal bool NeedsSymbols { get; }

    /// <summary>What a stream holds back at any time for patterns that can match white space.</summary>
    internal int ExtraHold { get; }

    /// <summary>Compiles a set; null with the first thing wrong when a name is unknown or a pattern cannot be used.</summary>
    /// <param name="names">Detectors, groups, patterns. All patterns given run, named or not.</param>
    /// <param name="patterns">Customers' own.</param>
    /// <param name="error">What is wrong.</param>
    public static DetectorSet? TryCreate(IEnumerable<string> names, IEnumerable<CustomPattern> patterns, out DetectorError? error)
    {
        error = null;
        bool[] enabled = new bool[(int)DetectorId.Count];
        ImmutableArray<CustomPattern> given = [.. patterns.Distinct().OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p => p.Pattern, StringComparer.Ordinal)];
        ImmutableArray<string> wanted = [.. names.Concat(given.Select(p => p.Name)).Distinct().Order(StringComparer.Ordinal)];
        if (given.Length > CustomPattern.MaxCount)
        {
            error = new DetectorError("patterns", $"at most {CustomPattern.MaxCount} patterns");
            return null;
        }

        foreach (string name in wanted)
        {
            if (DetectorCatalog.TryFind(name, out ImmutableArray<int> detectors))
            {
                foreach (int detector in detectors)
                {
                    enabled[detector] = true;
                }
            }
            else if (given.All(p => p.Name != name))
            {
                error = new DetectorError(name, "one of " + string.Join(", ", DetectorCatalog.Names));
                return null;
            }
        }

        ImmutableArray<CustomDetector>.Builder customs = ImmutableArray.CreateBuilder<CustomDetector>(given.Length);
        foreach (CustomPattern pattern in given)
        {
            if (CustomDetector.Create(pattern, out error) is not { } custom)
            {
                return null;
            }

            customs.Add(custom);
        }

        return new DetectorSet(wanted, enabled, customs.ToImmutable());
    }

    /// <summary>What is found in a text, in order. Spans that overlap are all told; a redaction makes one placeholder of them.</summary>
    public ImmutableArray<Detection> Find(ReadOnlySpan<char> text)
    {
        HitList hits = new();
        FoldedText folded = FoldedText.Of(text);
        ReadOnlySpan<char> view = folded.View(text);
        TextScanner.Find(this, view, atEnd: true, 0, view.Length, hits);
        ImmutableArray<Detection>.Builder found = ImmutableArray.CreateBuilder<Detection>(hits.Count);
        foreach (Hit hit in hits.Hits)
        {
            int start = folded.SourceStart(hit.Start), end = folded.SourceStart(hit.End);
            found.Add(new Detection(start, end - start, TypeOf(hit.Detector)));
        }

        return found.MoveToImmutable();
    }

    /// <summary>How placeholders and counts name a detector, a pattern or a group.</summary>
    public static string TypeOf(string name) => name.ToUpperInvariant().Replace('-', '_');

    /// <summary>Type of a detector by its index.</summary>
    internal string TypeOf(int detector) => detector < (int)DetectorId.Count ? DetectorCatalog.All[detector].Type : TypeOf(Customs[detector - (int)DetectorId.Count].Pattern.Name);

    /// <summary>Number of detectors that have an index, running or not.</summary>
    internal int IndexCount => (int)DetectorId.Count + Customs.Length;

    /// <summary>Whether the detector at an index runs.</summary>
    internal bool Runs(int detector) => detector >= (int)DetectorId.Count || _enabled[detector];
}
