using System.Runtime.CompilerServices;
using Muniment.Delivery.Batches;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Journal;

namespace Muniment.Grains.Destinations;

/// <summary>A tenant's journal as delivery reads it, leaf hashes included.</summary>
public sealed class JournalEventSource(IJournalReader reader, ITenantKeyring keyring, TenantId tenant) : IEventSource
{
    /// <inheritdoc/>
    public ValueTask<long> SizeAsync(CancellationToken cancellationToken) => reader.SizeAsync(tenant, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceBlock> ReadAsync(long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        LeafHasher hasher = new();
        await foreach (JournalBlock block in reader.ReadAsync(tenant, new SeqRange(from, to), BlockFilter.None, newestFirst: false, cancellationToken))
        {
            byte[] leaves = [];
            if (!block.Ranges.IsDefaultOrEmpty)
            {
                StoredEvent[] events = [.. block.Events];
                leaves = new byte[events.Length * 32];
                hasher.Hash(events, block.Ranges.AsSpan(), tenant, keyring, leaves);
            }

            yield return new SourceBlock(block.Events, leaves);
        }
    }
}
