using System.Text;

namespace Muniment.Events.Canonical;

/// <summary>One closed set of words of the contract. Reading gives back the shared string, so comparing and holding it is cheap.</summary>
public sealed class Vocabulary
{
    /// <summary><c>actor.type</c></summary>
    public static readonly Vocabulary ActorTypes = new("user", "agent", "service", "key");
    /// <summary><c>agent.surface</c></summary>
    public static readonly Vocabulary Surfaces = new("ide", "cli", "web", "slack", "teams", "tracker", "ci", "api");
    /// <summary><c>mode</c></summary>
    public static readonly Vocabulary Modes = new("fixed", "adaptive");
    /// <summary><c>result</c></summary>
    public static readonly Vocabulary Results = new("allowed", "denied", "modified", "redacted", "success", "failure", "error", "info");
    /// <summary><c>risk</c>, lowest first.</summary>
    public static readonly Vocabulary Risks = new("low", "medium", "high", "critical");
    /// <summary><c>stream</c></summary>
    public static readonly Vocabulary Streams = new("admin", "decision", "activity", "alert", "system");
    /// <summary><c>signal</c></summary>
    public static readonly Vocabulary Signals = new("event", "log", "span", "metric");
    /// <summary><c>approval.source</c></summary>
    public static readonly Vocabulary ApprovalSources = new("user", "hook", "policy");
    /// <summary><c>usage.cost.source</c></summary>
    public static readonly Vocabulary CostSources = new("reported", "computed");
    /// <summary><c>tool.namespace</c></summary>
    public static readonly Vocabulary ToolNamespaces = new("native", "mcp");

    private readonly string[] words;
    private readonly byte[][] utf8;

    private Vocabulary(params string[] words)
    {
        this.words = words;
        utf8 = [.. words.Select(Encoding.ASCII.GetBytes)];
        Expected = "one of " + string.Join(", ", words);
    }

    /// <summary>The words in the contract's order.</summary>
    public IReadOnlyList<string> Words => words;

    /// <summary>Ends the sentence "expected …".</summary>
    public string Expected { get; }

    /// <summary>The shared string of a word; null when it is none of the set (case counts).</summary>
    public string? Find(ReadOnlySpan<byte> word)
    {
        for (int i = 0; i < utf8.Length; i++)
        {
            if (word.SequenceEqual(utf8[i]))
            {
                return words[i];
            }
        }

        return null;
    }

    /// <summary>The shared string of a word; null when it is none of the set (case counts).</summary>
    public string? Find(ReadOnlySpan<char> word)
    {
        foreach (string candidate in words)
        {
            if (word.SequenceEqual(candidate))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>Place of a word in the set, lowest first for risks; -1 when it is none.</summary>
    public int Rank(string? word) => Array.IndexOf(words, word);
}
