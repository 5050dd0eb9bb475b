using System.Globalization;
using System.Text;
using Muniment.Events.Canonical.Fields;
using Muniment.Events.Hashing;

namespace Muniment.Events.Canonical.Sessions;

/// <summary>What a session's fold counts of one event. <see cref="SessionFactsReader"/> reads it from the journal without making the event.</summary>
public record struct SessionFacts
{
    /// <summary><c>trace.session</c>; null or empty when the event belongs to none.</summary>
    public string? Session { get; set; }
    /// <summary>Position in the log.</summary>
    public long Seq { get; set; }
    /// <summary><c>ts</c>, Unix ns.</summary>
    public long TimeNs { get; set; }
    /// <summary>Receipt, Unix ns.</summary>
    public long ReceivedNs { get; set; }
    /// <summary><see cref="ActorPart.Human"/></summary>
    public string? User { get; set; }
    /// <summary><c>resource.project</c></summary>
    public string? Project { get; set; }
    /// <summary><c>agent.kind</c></summary>
    public string? Agent { get; set; }
    /// <summary><c>risk</c></summary>
    public string? Risk { get; set; }
    /// <summary>Whether the result is <c>denied</c>.</summary>
    public bool IsDenied { get; set; }
    /// <summary>Whether <c>tool.name</c> is there.</summary>
    public bool HasTool { get; set; }
    /// <summary>Hash of <c>tool.call</c>.</summary>
    public ulong? Call { get; set; }
    /// <summary>Hash of <c>trace.turn</c>.</summary>
    public ulong? Turn { get; set; }
    /// <summary><c>event.sequence</c>, the number that the agent gave it.</summary>
    public long? Sequence { get; set; }
    /// <summary><c>usage</c></summary>
    public SessionTokens Tokens { get; set; }

    /// <summary>The facts of an event that was read whole.</summary>
    public static SessionFacts Of(CanonicalEvent e)
    {
        FieldValue sequence = DetailPath.Find(e.Details, "attributes.event.sequence"u8);
        return new SessionFacts
        {
            Session = e.Trace?.Session, Seq = e.Seq, TimeNs = e.TimeNs, ReceivedNs = e.ReceivedNs, User = e.Actor.Human, Project = e.Resource?.Project, Agent = e.Agent?.Kind,
            Risk = e.Risk, IsDenied = e.Result == "denied", HasTool = e.Tool?.Name is not null, Call = Hash(e.Tool?.Call), Turn = Hash(e.Trace?.Turn),
            Sequence = sequence.Kind == FieldKind.Integer ? sequence.Integer : null, Tokens = SessionTokens.Of(e.Usage),
        };
    }

    /// <summary>Under a key that everybody knows: who makes hashes collide only lowers the counts of his own session.</summary>
    internal static ulong Hash(ReadOnlySpan<byte> utf8) => SipHash.Hash13(0, 0, 0, utf8);

    private static ulong? Hash(string? text) => text is null ? null : Hash(Encoding.UTF8.GetBytes(text));
}

/// <summary>Tokens and money of one event, as in <see cref="UsagePart"/>.</summary>
public record struct SessionTokens
{
    /// <summary><c>usage.input</c></summary>
    public long? Input { get; set; }
    /// <summary><c>usage.cache_read</c></summary>
    public long? CacheRead { get; set; }
    /// <summary><c>usage.cache_write</c></summary>
    public long? CacheWrite { get; set; }
    /// <summary><c>usage.output</c></summary>
    public long? Output { get; set; }
    /// <summary><c>usage.reasoning</c></summary>
    public long? Reasoning { get; set; }
    /// <summary><c>usage.cost.amount</c></summary>
    public decimal? Cost { get; set; }
    /// <summary><c>usage.cost.unit</c>; dollars when there is a cost without one.</summary>
    public string? CostUnit { get; set; }
    /// <summary><c>usage.cost.source</c></summary>
    public string? CostSource { get; set; }

    internal const string DefaultUnit = "USD";

    internal static SessionTokens Of(UsagePart? part)
    {
        if (part is null)
        {
            return default;
        }

        var tokens = new SessionTokens { Input = part.Input, CacheRead = part.CacheRead, CacheWrite = part.CacheWrite, Output = part.Output, Reasoning = part.Reasoning };
        if (part.Cost is { Amount: not null } cost && decimal.TryParse(cost.Amount, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal amount))
        {
            (tokens.Cost, tokens.CostUnit, tokens.CostSource) = (amount, cost.Unit ?? DefaultUnit, cost.Source);
        }

        return tokens;
    }
}
