using System.Collections.Immutable;

namespace Muniment.Events.Blocks;

/// <summary>Events of a stored block, decoded.</summary>
/// <param name="FirstSeq">Seq of the first event.</param>
/// <param name="Events">In seq order, dense unless decoded with <see cref="RowNeedles"/>. Their bytes are slices of buffers that belong to this block alone and are never written again.</param>
/// <param name="Ranges">From which segments they came, in order; their counts add up to the number of events. Empty when decoded with needles.</param>
public sealed record DecodedBlock(long FirstSeq, ImmutableArray<StoredEvent> Events, ImmutableArray<NonceRange> Ranges);
