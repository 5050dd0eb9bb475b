using System.Collections.Immutable;
using Muniment.Events.Blocks;

namespace Muniment.Journal;

/// <summary>One request waiting for the group commit.</summary>
/// <param name="Segments">In order; all or none.</param>
/// <param name="RequestDigest">16 bytes, or empty when the request is not to be recognised again.</param>
/// <param name="Ids">Sender's ids in it.</param>
/// <param name="Answer">Stored beside the digest and given back on a repeat.</param>
public sealed record PendingAppend(
    ImmutableArray<Segment> Segments, ReadOnlyMemory<byte> RequestDigest, ImmutableArray<EventIdDigest> Ids, ReadOnlyMemory<byte> Answer)
{
    /// <summary>Bytes that this request holds in the queue.</summary>
    public long SizeBytes => Segments.Sum(s => (long)s.Payload.Length + s.Leaves.Length + s.Terms.Length);
}

/// <summary>Digest of one sender's id. See <c>EventIdMessage</c>.</summary>
public readonly record struct EventIdDigest(int Index, UInt128 Id, ulong Content);
