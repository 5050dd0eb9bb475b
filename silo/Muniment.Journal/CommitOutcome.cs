using System.Collections.Immutable;

namespace Muniment.Journal;

/// <summary>How a group commit ended.</summary>
/// <param name="Status">Committed, or why nothing was.</param>
/// <param name="Head">Committed: the new head. Otherwise the one given.</param>
/// <param name="Results">Committed: one for each request of the group.</param>
/// <param name="Detail">Failures: one sentence.</param>
public sealed record CommitOutcome(CommitStatus Status, JournalHead Head, ImmutableArray<CommittedAppend> Results, string? Detail);

/// <summary>Whether a group was committed.</summary>
public enum CommitStatus
{
    /// <summary>Durable.</summary>
    Committed,
    /// <summary>Another writer holds a newer epoch. Nothing was written.</summary>
    Fenced,
    /// <summary>No space left. Nothing was written; later commits may succeed.</summary>
    Full,
    /// <summary>Storage failed. Nothing may be assumed; the process should end or the activation be dropped.</summary>
    Failed,
    /// <summary>Too much waits to be written already. Nothing was written; try again.</summary>
    Busy,
}

/// <summary>One request's share of a commit.</summary>
/// <param name="Kind">What happened to it.</param>
/// <param name="FirstSeq">Stored or repeated: first seq.</param>
/// <param name="LastSeq">Stored or repeated: last seq.</param>
/// <param name="Answer">Repeated: the stored answer.</param>
/// <param name="Known">Ids known: which.</param>
public sealed record CommittedAppend(
    CommittedKind Kind, long FirstSeq, long LastSeq, ReadOnlyMemory<byte> Answer, ImmutableArray<(int Index, bool SameContent)> Known);

/// <summary>What happened to one request of a committed group.</summary>
public enum CommittedKind
{
    /// <summary>Stored under new numbers.</summary>
    Stored,
    /// <summary>A repeat; nothing stored again.</summary>
    Repeated,
    /// <summary>Some ids are known; nothing stored.</summary>
    IdsKnown,
}
