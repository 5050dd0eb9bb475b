namespace Muniment.Events.Canonical;

/// <summary>
/// The server-set fields of an entry, kept as compact JSON in part 0 of the record and therefore under its leaf. Usually the same for all events of a
/// request, so a segment keeps it once. <c>seq</c>, <c>received</c>, <c>signal</c> and ids of ours are not in it: they follow from the entry.
/// </summary>
public sealed record Envelope
{
    /// <summary><c>activity</c> for what senders send; null for metrics.</summary>
    public string? Stream { get; init; }
    /// <summary>Id of the API key, or null for loopback without a key.</summary>
    public string? Key { get; init; }
    /// <summary><c>otlp_grpc|otlp_http|events|hec|decide|llm|mcp|platform</c>. Records of <c>platform</c> were written by us: their own server fields count.</summary>
    public required string Receiver { get; init; }
    /// <summary>Whether the record was written by the platform itself, its own acts and its decisions: then its own server fields count.</summary>
    public bool IsOurs => Receiver is "platform" or "decide" or "llm" or "mcp";
    /// <summary>Peer's address.</summary>
    public string? Address { get; init; }
    /// <summary>Which mapper reads the record.</summary>
    public string? Dialect { get; init; }
    /// <summary>Version of the mapping rules when it was received.</summary>
    public int Mapper { get; init; } = 1;
    /// <summary>Which of <c>user</c>, <c>project</c> the key vouches for.</summary>
    public IReadOnlyList<string> Verified { get; init; } = [];
    /// <summary>User the key is bound to; overrides the record's claim.</summary>
    public string? User { get; init; }
    /// <summary>Project the key is bound to; overrides the record's claim.</summary>
    public string? Project { get; init; }
    /// <summary>Leaking attributes that were cut from the record: name and count.</summary>
    public IReadOnlyDictionary<string, int>? Cut { get; init; }
    /// <summary>The record's own id was taken by other content; ours replaces it.</summary>
    public bool IdConflict { get; init; }
    /// <summary>Members of <c>resource</c> that a policy fills in at ingest; sorted by name. They stand before what the record says, not before the key's project.</summary>
    public IReadOnlyDictionary<string, string>? Set { get; init; }
    /// <summary>The sender asked for a stream that only the server sets, through an import.</summary>
    public bool Imported { get; init; }
}
