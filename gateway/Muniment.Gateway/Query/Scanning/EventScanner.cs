using System.Runtime.CompilerServices;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Events.Terms;
using Muniment.Journal;

namespace Muniment.Gateway.Query.Scanning;

/// <summary>
/// Walks a tenant's log block by block and gives the events that match, as the reader may see them. Block filters leave out blocks, a look at the raw bytes
/// leaves out events, and only the rest is read.
/// <code>
/// index terms, words, ts range ─► block ─► raw bytes ─► canonical event ─► masked ─► filter ─► match
/// </code>
/// </summary>
internal sealed class EventScanner(IJournalReader journal, ITenantKeyring keyring)
{
    /// <summary>Entries of the log.</summary>
    public ValueTask<long> SizeAsync(TenantId tenant, CancellationToken cancellationToken) => journal.SizeAsync(tenant, cancellationToken);

    /// <summary>Waits until a seq is readable, at most <see cref="QueryLimits.MaxSeqWaitMs"/>; then what is there is answered.</summary>
    public async Task WaitForAsync(TenantId tenant, long seq, TimeProvider time, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        int pauseMs = 5;
        while (await SizeAsync(tenant, cancellationToken) <= seq && time.GetElapsedTime(start).TotalMilliseconds < QueryLimits.MaxSeqWaitMs)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(pauseMs), time, cancellationToken);
            pauseMs = Math.Min(2 * pauseMs, 100);
        }
    }

    /// <summary>
    /// The matches of one block after the other, with how far the walk has come. Stop by leaving the loop; blocks are decoded one at a time.
    /// </summary>
    public async IAsyncEnumerable<ScanStep> WalkAsync(ScanRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = new EventReader(request.Tenant);
        BlockFilter blocks = request.Filter.ForBlocks(new TermHasher(keyring.Current(request.Tenant)));
        await foreach (JournalBlock block in journal.ReadAsync(request.Tenant, request.Range, blocks, request.NewestFirst, cancellationToken))
        {
            yield return new ScanStep(block, Matches(request, reader, block));
        }
    }

    /// <summary>The event at a seq as the reader may see it; null when there is none.</summary>
    public async Task<CanonicalEvent?> FindAsync(TenantId tenant, long seq, bool sees, CancellationToken cancellationToken)
    {
        await foreach (JournalBlock block in journal.ReadAsync(tenant, new SeqRange(seq, seq + 1), BlockFilter.None, false, cancellationToken))
        {
            foreach (StoredEvent stored in block.Events)
            {
                if (stored.Seq == seq)
                {
                    CanonicalEvent e = EventReader.Read(stored, tenant);
                    Mask(e, sees);
                    return e;
                }
            }
        }

        return null;
    }

    /// <summary>Lazily, so that a page that is full stops in the middle of a block.</summary>
    private static IEnumerable<CanonicalEvent> Matches(ScanRequest request, EventReader reader, JournalBlock block)
    {
        int count = block.Events.Count;
        for (int i = 0; i < count; i++)
        {
            StoredEvent stored = block.Events[request.NewestFirst ? count - 1 - i : i];
            if (!request.Filter.MayMatch(stored))
            {
                continue;
            }

            CanonicalEvent e = reader.Read(stored);
            Mask(e, request.Sees);
            if (request.Filter.Matches(e))
            {
                yield return e;
            }
        }
    }

    private static void Mask(CanonicalEvent e, bool sees)
    {
        if (!sees)
        {
            EventMasker.Apply(e);
        }
    }
}

/// <summary>One block of a walk.</summary>
/// <param name="Block">The block, or the part of it in range.</param>
/// <param name="Matches">Its matches in the walk's direction; read as they are asked for.</param>
internal readonly record struct ScanStep(JournalBlock Block, IEnumerable<CanonicalEvent> Matches)
{
    /// <summary>Where a walk goes on after this block.</summary>
    public long After(bool newestFirst) => newestFirst ? Block.FirstSeq : Block.EndSeq;
}
