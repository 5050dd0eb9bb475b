using Muniment.Messages.Journal;

namespace Muniment.Gateway.Ingest.Json;

/// <summary>One event of a request and what becomes of it. Owned by the request that made it.</summary>
internal sealed class EventItem(ReadOnlyMemory<byte> json)
{
    /// <summary>Its text.</summary>
    public ReadOnlyMemory<byte> Json => json;

    /// <summary>Members of <c>resource</c> that a policy fills in; null for none.</summary>
    public IReadOnlyDictionary<string, string>? Set { get; init; }

    /// <summary>What is done with it.</summary>
    public EventFate Fate { get; set; }

    /// <summary>Rejected: the field at fault.</summary>
    public string? Field { get; set; }

    /// <summary>Rejected: what was expected.</summary>
    public string? Reason { get; set; }

    /// <summary>Whether its id is other content's: it is stored under one of ours.</summary>
    public bool IdConflict { get; set; }

    /// <summary>Digest of its id; its index is set when it is encoded.</summary>
    public EventIdMessage? Digest { get; set; }
}

/// <summary>What becomes of one event.</summary>
internal enum EventFate
{
    /// <summary>It is stored.</summary>
    Stored,
    /// <summary>It breaks a rule.</summary>
    Rejected,
    /// <summary>It is stored already.</summary>
    Duplicate,
}
