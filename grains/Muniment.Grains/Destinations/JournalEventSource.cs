using System.Runtime.CompilerServices;
using Muniment.Delivery.Batches;
using Muniment.Events;
using Muniment.Journal;

namespace Muniment.Grains.Destinations;

/// <summary>A tenant's journal as delivery reads it, leaf hashes included.</summary>
public sealed class JournalEventSource(IJournalReader reader, TenantId tenant) : IEventSource
{
    private static readonly BlockFilter Leaves = BlockFilter.Following with { WantsLeaves = true };

    /// <inheritdoc/>
    public ValueTask<long> SizeAsync(CancellationToken cancellationToken) => reader.SizeAsync(tenant, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceBlock> ReadAsync(long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (JournalBlock block in reader.ReadAsync(tenant, new SeqRange(from, to), Leaves, newestFirst: false, cancellationToken))
        {
            yield return new SourceBlock(block.Events, block.Leaves);
        }
    }
}
