using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using Dapper;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Events.Terms;
using Muniment.Journal.Index;
using Muniment.Journal.Storage;
using Muniment.Journal.Writing;

namespace Muniment.Journal.Reading;

/// <summary>Reads on either database. Holds a directory of blocks for each tenant that was asked for; payloads are fetched as they are wanted.</summary>
internal sealed class JournalReader(IStateDatabase database, TenantNumbers tenants, BlockDecoders decoders, RecentBlocks recent, ITenantKeyring keyring) : IJournalReader
{
    private readonly TermIndex _index = new(database, keyring);
    private readonly BloomStore _blooms = new(database, keyring);
    private readonly DirectoryCache _directories = new(database, new TermIndex(database, keyring));

    public async ValueTask<long> SizeAsync(TenantId tenant, CancellationToken cancellationToken) => await database.ReadAsync(
        connection => connection.ExecuteScalar<long?>("SELECT size FROM tenant_log WHERE tenant=@Value", new { tenant.Value }), cancellationToken) ?? 0;

    public async IAsyncEnumerable<JournalBlock> ReadAsync(
        TenantId tenant, SeqRange range, BlockFilter filter, bool newestFirst, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        if (SeededBugs.TenantFilterRemoved)
        {
            tenant = await database.ReadAsync(connection => TenantId.Parse(connection.ExecuteScalar<string>("SELECT tenant FROM tenant_log ORDER BY tenant_no LIMIT 1")!), cancellationToken);
        }

        if (await tenants.FindAsync(tenant, cancellationToken) is not { } tenantNo)
        {
            yield break;
        }

        TenantDirectory directory = _directories.Of(tenant, tenantNo);
        BlockSelector selector = new(_index, _blooms, keyring, directory, tenant, filter, newestFirst);
        BlockWalk walk = new(database, decoders, directory, selector, tenant, range, filter.Needles, newestFirst, filter is { IsFollowing: true, Needles: null } ? recent : null);
        // By terms and words several blocks are usually wanted, so the next two are fetched and decoded while the caller looks at this one.
        int ahead = filter.Terms.IsDefaultOrEmpty && filter.Words.IsDefaultOrEmpty ? 0 : 2;
        Queue<BlockWalk.Step> steps = new();
        await walk.BeginAsync(cancellationToken);
        try
        {
            while (true)
            {
                while (steps.Count <= ahead && await walk.NextAsync(cancellationToken) is { } next)
                {
                    steps.Enqueue(next);
                }

                if (!steps.TryDequeue(out BlockWalk.Step? step))
                {
                    yield break;
                }

                if (await step.Block is { } block)
                {
                    try
                    {
                        yield return block.Shared is { } shared ? Follow(shared, filter.WantsLeaves ? recent.LeavesOf(tenant, tenantNo, shared) : default, step)
                            : block.Whole is { } whole ? Cut(whole, step.From, step.To)
                            : Picked(block.Picked!, step);
                    }
                    finally
                    {
                        block.Dispose();
                    }
                }
                else
                {
                    // Sealed since the directory was read: the same events lie in a sealed block now.
                    Drop(steps);
                    await walk.ReturnToAsync(step, cancellationToken);
                }
            }
        }
        finally
        {
            Drop(steps);
        }
    }

    public async ValueTask<SeqRange> BoundsAsync(TenantId tenant, SeqRange range, TermField field, string value, CancellationToken cancellationToken)
    {
        if (await tenants.FindAsync(tenant, cancellationToken) is not { } tenantNo)
        {
            return range with { To = range.From };
        }

        ulong term = new TermHasher(keyring.Current(tenant)).Hash(field, Encoding.UTF8.GetBytes(value));
        TenantDirectory directory = _directories.Of(tenant, tenantNo);
        BlockSelector selector = new(_index, _blooms, keyring, directory, tenant, BlockFilter.None with { Terms = [[term]] }, newestFirst: false);
        DirectoryView view = await directory.RefreshAsync(cancellationToken);
        (long first, long end, long at) = (range.To, range.From, range.From);
        while (at < range.To && view.AtOrAfter(at) is { } entry && entry.FirstSeq < range.To)
        {
            cancellationToken.ThrowIfCancellationRequested();
            bool? match = await selector.MayMatchAsync(view, entry, cancellationToken);
            if (match is null)
            {
                view = await directory.RefreshAsync(cancellationToken);
                continue;
            }

            if (match == true)
            {
                (first, end) = (Math.Min(first, Math.Max(entry.FirstSeq, range.From)), Math.Min(entry.LastSeq + 1, range.To));
            }

            at = entry.LastSeq + 1;
        }

        if (view.Size < range.To)
        {
            (first, end) = (Math.Min(first, Math.Max(view.Size, range.From)), range.To); // not visible yet
        }

        return first < end ? new SeqRange(first, end) : range with { To = range.From };
    }

    // What is on its way is given back when it comes; its failure is nobody's any more.
    private static void Drop(Queue<BlockWalk.Step> steps)
    {
        while (steps.TryDequeue(out BlockWalk.Step? step))
        {
            _ = step.Block.ContinueWith(
                static block =>
                {
                    if (block.IsCompletedSuccessfully)
                    {
                        block.Result?.Dispose();
                    }
                    else
                    {
                        _ = block.Exception;
                    }
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
    }

    // Not dense, and without ranges: events without a needle are missing.
    private static JournalBlock Picked(IReadOnlyList<StoredEvent> events, BlockWalk.Step step) =>
        new(Math.Max(step.From, step.Entry.FirstSeq), events) { EndSeq = Math.Min(step.To, step.Entry.LastSeq + 1) };

    // Many small steps through a shared block: nothing is copied.
    private static JournalBlock Follow(SharedBlock block, ReadOnlyMemory<byte> leaves, BlockWalk.Step step)
    {
        int skip = (int)Math.Clamp(step.From - block.FirstSeq, 0, block.Count);
        int take = (int)Math.Clamp(step.To - block.FirstSeq - skip, 0, block.Count - skip);
        return new JournalBlock(block.FirstSeq + skip, block.Slice(skip, take), NonceRange.Cut(block.Ranges, skip, take)) { Leaves = leaves.IsEmpty ? leaves : leaves.Slice(skip * 32, take * 32) };
    }

    private static JournalBlock Cut(DecodedBlock block, long from, long to)
    {
        ReadOnlySpan<StoredEvent> events = block.Events.AsSpan();
        int skip = (int)Math.Clamp(from - block.FirstSeq, 0, events.Length);
        int take = (int)Math.Clamp(to - block.FirstSeq - skip, 0, events.Length - skip);
        return take == events.Length
            ? new JournalBlock(block.FirstSeq, block.Events, block.Ranges)
            : new JournalBlock(block.FirstSeq + skip, ImmutableArray.Create(block.Events, skip, take), NonceRange.Cut(block.Ranges, skip, take));
    }
}
