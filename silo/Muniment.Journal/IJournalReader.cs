using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Blocks;

namespace Muniment.Journal;

/// <summary>Reads a tenant's log. Sees every commit of this process at once, of other processes within a second. Thread-safe.</summary>
public interface IJournalReader
{
    /// <summary>Entries that are committed; the next seq.</summary>
    ValueTask<long> SizeAsync(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>
    /// Blocks that may hold matches, in seq order (or newest first), each decoded whole unless the filter has needles. The filter only leaves out what cannot match: callers test
    /// each event, before they go on to the next block: with needles events are put together as they are asked for. Events outside <c>[range.From, range.To)</c> are not returned. Blocks are decoded one at a time, so stopping early costs nothing.
    /// </summary>
    IAsyncEnumerable<JournalBlock> ReadAsync(TenantId tenant, SeqRange range, BlockFilter filter, bool newestFirst, CancellationToken cancellationToken);

    /// <summary>
    /// From the first to the last block of a range that may hold an event with a term, by the index alone: no block is read. Empty when there is none; everything where nobody knows.
    /// </summary>
    ValueTask<SeqRange> BoundsAsync(TenantId tenant, SeqRange range, TermField field, string value, CancellationToken cancellationToken) => ValueTask.FromResult(range);
}

/// <summary>Half-open range of seqs.</summary>
/// <param name="From">First.</param>
/// <param name="To">One past the last; <see cref="long.MaxValue"/> for "to the end".</param>
public readonly record struct SeqRange(long From, long To)
{
    /// <summary>Everything.</summary>
    public static SeqRange All { get; } = new(0, long.MaxValue);
}

/// <summary>What a block must have to be worth decoding. All conditions must hold.</summary>
/// <param name="Terms">For each inner array at least one term must be in the block (48-bit keyed hashes, right-aligned).</param>
/// <param name="Words">Each of these case-folded words must be in the block's text (probed in the bloom filter; commit blocks have none and always pass).</param>
/// <param name="FromNs">Blocks whose newest <c>ts</c> is older are left out; <see cref="long.MinValue"/> for none.</param>
/// <param name="ToNs">Blocks whose oldest <c>ts</c> is this or newer are left out; <see cref="long.MaxValue"/> for none.</param>
/// <param name="Needles">Events in which none of these stands may be left out of a block; null to get all its events.</param>
public sealed record BlockFilter(ImmutableArray<ImmutableArray<ulong>> Terms, ImmutableArray<string> Words, long FromNs, long ToNs, RowNeedles? Needles = null)
{
    /// <summary>Leaves nothing out.</summary>
    public static BlockFilter None { get; } = new([], [], long.MinValue, long.MaxValue);

    /// <summary>
    /// Leaves nothing out, for those who follow the log: they share blocks that were decoded a moment ago. Their events are lent: they are good until the next block is asked for or
    /// the reading ends, and their memory is used for other tenants' events then.
    /// </summary>
    public static BlockFilter Following { get; } = None with { IsFollowing = true };

    /// <summary>Blocks whose newest time of receipt is older are left out; <see cref="long.MinValue"/> for none.</summary>
    public long ReceivedFromNs { get; init; } = long.MinValue;

    /// <summary>Blocks may be ones that were decoded a moment ago, so what lies on the disk is not looked at again. Not together with needles.</summary>
    public bool IsFollowing { get; init; }

    /// <summary>With <see cref="IsFollowing"/>: blocks come with <see cref="JournalBlock.Leaves"/>.</summary>
    public bool WantsLeaves { get; init; }
}

/// <summary>A decoded block, or the part of it inside the range asked for.</summary>
/// <param name="FirstSeq">Seq of the first event, or of the first one that was left out of it.</param>
/// <param name="Events">In seq order (also when blocks come newest first); dense unless the filter had needles.</param>
/// <param name="Ranges">From which segments they came, to make their leaves again with <see cref="LeafHasher"/>; counts add up to the number of events. Empty when the filter had needles.</param>
public sealed record JournalBlock(long FirstSeq, IReadOnlyList<StoredEvent> Events, ImmutableArray<NonceRange> Ranges = default)
{
    /// <summary>One past the last seq that it covers, also when that event was left out.</summary>
    public long EndSeq { get; init; } = FirstSeq + Events.Count;

    /// <summary>Leaf hashes, 32 bytes an event; empty unless <see cref="BlockFilter.WantsLeaves"/>.</summary>
    public ReadOnlyMemory<byte> Leaves { get; init; }
}
