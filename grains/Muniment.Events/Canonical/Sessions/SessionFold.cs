using System.Text.Json;

namespace Muniment.Events.Canonical.Sessions;

/// <summary>
/// Folds the events of one session into its summary. The order of events does not matter, so a log can be folded from either end. Bounded: beyond
/// <see cref="MaxTracked"/> turns or calls their counts are lower bounds. One thread.
/// </summary>
public sealed partial class SessionFold(string session)
{
    /// <summary>Most turns, and most tool calls with an id, that are told apart.</summary>
    public const int MaxTracked = 4096;

    private readonly HashSet<ulong> turns = [];
    private readonly HashSet<ulong> calls = [];
    private SessionUsage usage = new();
    private long sequenceMin = long.MaxValue;
    private long sequenceMax = long.MinValue;
    private long sequenceCount;

    /// <summary><c>trace.session</c></summary>
    public string Session { get; } = session;

    /// <summary>First agent seen.</summary>
    public string? Agent { get; private set; }

    /// <summary>First human seen.</summary>
    public string? User { get; private set; }

    /// <summary>First project seen.</summary>
    public string? Project { get; private set; }

    /// <summary>Whether events named different users, or some of them none; then no key bound to a user may see the whole.</summary>
    public bool HasOtherUsers { get; private set; }

    /// <summary>Whether events named different projects, or some of them none; then no key bound to a project may see the whole.</summary>
    public bool HasOtherProjects { get; private set; }

    /// <summary>Earliest <c>ts</c>, Unix ns.</summary>
    public long StartedNs { get; private set; } = long.MaxValue;

    /// <summary>Latest <c>ts</c>, Unix ns.</summary>
    public long EndedNs { get; private set; } = long.MinValue;

    /// <summary>Highest seq.</summary>
    public long LastSeq { get; private set; } = -1;

    /// <summary>Latest receipt, Unix ns: by it a session ends, because <c>ts</c> is what a sender says.</summary>
    public long LastReceivedNs { get; private set; } = long.MinValue;

    /// <summary>Events.</summary>
    public long Events { get; private set; }

    /// <summary>Events whose result is <c>denied</c>.</summary>
    public long Denied { get; private set; }

    /// <summary>Distinct turns.</summary>
    public long Turns { get; private set; }

    /// <summary>Tool calls: distinct call ids, and events of a tool that name none.</summary>
    public long ToolCalls { get; private set; }

    /// <summary>Highest risk, or null.</summary>
    public string? RiskMax { get; private set; }

    /// <summary>Numbers missing between the lowest and the highest <c>event.sequence</c> that the agent gave its events.</summary>
    public long Gaps => sequenceCount == 0 ? 0 : Math.Max(0, sequenceMax - sequenceMin + 1 - sequenceCount);

    /// <summary>Adds one event of the session.</summary>
    public void Add(CanonicalEvent e) => Add(SessionFacts.Of(e));

    /// <summary>Adds what one event of the session tells.</summary>
    public void Add(in SessionFacts e)
    {
        HasOtherUsers |= Events > 0 && e.User != User;
        HasOtherProjects |= Events > 0 && e.Project != Project;
        Agent ??= e.Agent;
        User ??= e.User;
        Project ??= e.Project;
        Events++;
        StartedNs = Math.Min(StartedNs, e.TimeNs);
        EndedNs = Math.Max(EndedNs, e.TimeNs);
        LastSeq = Math.Max(LastSeq, e.Seq);
        LastReceivedNs = Math.Max(LastReceivedNs, e.ReceivedNs);
        Denied += e.IsDenied ? 1 : 0;
        if (e.Risk is not null && Vocabulary.Risks.Rank(e.Risk) > Vocabulary.Risks.Rank(RiskMax))
        {
            RiskMax = e.Risk;
        }

        usage.Add(e.Tokens);
        Turns += e.Turn is { } turn && IsNew(turns, turn) ? 1 : 0;
        ToolCalls += e.HasTool && (e.Call is not { } call || IsNew(calls, call)) ? 1 : 0;
        if (e.Sequence is { } sequence)
        {
            sequenceMin = Math.Min(sequenceMin, sequence);
            sequenceMax = Math.Max(sequenceMax, sequence);
            sequenceCount++;
        }
    }

    /// <summary>The summary as it is now, to be read by other threads while this one goes on. Nothing may be added to it.</summary>
    public SessionFold Snapshot()
    {
        var copy = (SessionFold)MemberwiseClone();
        copy.usage = usage.Copy();
        return copy;
    }

    /// <summary>Writes the members of the summary into an object that is open.</summary>
    public void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("session"u8, Session);
        writer.WriteString("agent"u8, Agent);
        writer.WriteString("user"u8, User);
        writer.WriteString("project"u8, Project);
        writer.WriteString("started"u8, Timestamps.Format(StartedNs));
        writer.WriteString("ended"u8, Timestamps.Format(EndedNs));
        writer.WriteNumber("turns"u8, Turns);
        writer.WriteNumber("tool_calls"u8, ToolCalls);
        writer.WriteNumber("denied"u8, Denied);
        usage.Write(writer);
        writer.WriteString("risk_max"u8, RiskMax);
        writer.WriteNumber("events"u8, Events);
        writer.WriteNumber("gaps"u8, Gaps);
    }

    private static bool IsNew(HashSet<ulong> set, ulong hash) => set.Count < MaxTracked && set.Add(hash);
}
