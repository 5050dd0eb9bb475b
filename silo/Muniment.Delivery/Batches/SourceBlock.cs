using Muniment.Events;

namespace Muniment.Delivery.Batches;

/// <summary>Some neighbouring entries of a tenant's log.</summary>
/// <param name="Events">In seq order.</param>
/// <param name="Leaves">Their leaf hashes, 32 bytes each in the same order; empty when the source does not know them.</param>
public sealed record SourceBlock(IReadOnlyList<StoredEvent> Events, ReadOnlyMemory<byte> Leaves);
