using System.Runtime.CompilerServices;
using Muniment.Delivery.Batches;
using Muniment.Events;
using Muniment.Journal;

namespace Muniment.Grains.Destinations;

/// <summary>
/// A tenant's journal as delivery reads it, leaf hashes included. A block is many batches long: when reading comes into one, the next is fetched and decoded meanwhile, into the
/// journal's memory of recent blocks, so that no batch waits for it. Thread-safe.
/// </summary>
public sealed class JournalEventSource(IJournalReader reader, TenantId tenant) : IEventSource
{
    private static readonly BlockFilter Leaves = BlockFilter.Following with { WantsLeaves = true };

    private volatile Coming? _coming;

    /// <inheritdoc/>
    public ValueTask<long> SizeAsync(CancellationToken cancellationToken) => reader.SizeAsync(tenant, cancellationToken);

    /// <inheritdoc/>
    public async IAsyncEnumerable<SourceBlock> ReadAsync(long from, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ArrivedAsync(from);
        await foreach (JournalBlock block in reader.ReadAsync(tenant, new SeqRange(from, to), Leaves, newestFirst: false, cancellationToken))
        {
            long next = block.EndSeq;
            if (next < to && _coming?.Seq != next)
            {
                _coming = new Coming(next, FetchAsync(next));
            }

            yield return new SourceBlock(block.Events, block.Leaves);
            await ArrivedAsync(next);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<(long From, long To)> DeniedWithinAsync(long from, long to, CancellationToken cancellationToken)
    {
        SeqRange bounds = await reader.BoundsAsync(tenant, new SeqRange(from, to), TermField.Result, "denied", cancellationToken);
        return (bounds.From, bounds.To);
    }

    /// <summary>Waits for a block that is being fetched already, so that it is not decoded twice.</summary>
    private Task ArrivedAsync(long seq) => _coming is { } coming && coming.Seq == seq ? coming.Block : Task.CompletedTask;

    private async Task FetchAsync(long seq)
    {
        try
        {
            await foreach (JournalBlock _ in reader.ReadAsync(tenant, new SeqRange(seq, seq + 1), Leaves, newestFirst: false, CancellationToken.None))
            {
                break;
            }
        }
        catch (Exception)
        {
            // Only read ahead: whoever wants the block meets what is wrong with it, and can say so.
        }
    }

    /// <summary>The block that begins at a seq, on its way.</summary>
    private sealed record Coming(long Seq, Task Block);
}
