namespace Muniment.Messages.Journal;

/// <summary>The ways an append can end.</summary>
[GenerateSerializer, Alias("muniment.journal.append-status")]
public enum AppendStatus
{
    /// <summary>Durable and numbered.</summary>
    Accepted,
    /// <summary>The same request was stored within the last 24 hours; answer it as before.</summary>
    Repeated,
    /// <summary>Some ids are stored already; nothing of this request was.</summary>
    IdsKnown,
    /// <summary>The queue is full: answer 429 with Retry-After 1. Nothing was stored.</summary>
    Overloaded,
    /// <summary>Free space is at the low-water mark or the reserve, or the disk is full: 503. Nothing was stored.</summary>
    StorageFull,
    /// <summary>Storage failed: 503. Nothing was acknowledged.</summary>
    StorageFailed,
    /// <summary>Another activation took over: ask again, the new one answers. Nothing was stored.</summary>
    Fenced,
}
