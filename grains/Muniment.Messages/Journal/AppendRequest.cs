using System.Collections.Immutable;

namespace Muniment.Messages.Journal;

/// <summary>One request to append, already encoded.</summary>
/// <param name="Segments">In order; all or none are stored.</param>
/// <param name="RequestDigest">16-byte keyed digest of (sender's key, decoded body), or empty: by it a repeated request is recognised for 24 hours.</param>
/// <param name="Ids">One element for each event that carries a sender's id, in event order.</param>
/// <param name="Answer">What to answer again when the request is repeated (receiver-specific, at most 4 KiB).</param>
/// <param name="Priority">True for decisions and admin changes, which are still taken at the low-water mark.</param>
[GenerateSerializer, Immutable, Alias("muniment.journal.append")]
public sealed record AppendRequest(
    [property: Id(0)] ImmutableArray<SegmentMessage> Segments,
    [property: Id(1)] ReadOnlyMemory<byte> RequestDigest,
    [property: Id(2)] ImmutableArray<EventIdMessage> Ids,
    [property: Id(3)] ReadOnlyMemory<byte> Answer,
    [property: Id(4)] bool Priority);
