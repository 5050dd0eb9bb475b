using System.Data.Common;
using Dapper;
using Muniment.Events;
using Muniment.Journal.Index;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Reading;

/// <summary>
/// The block directory of one tenant in memory (about 64 bytes a block, plus the terms of blocks that are in no run yet), brought up to date from the
/// database at each query. Thread-safe; the lock is held while a new view is made.
/// </summary>
internal sealed class TenantDirectory(IStateDatabase database, TermIndex index, TenantId tenant, long tenantNo)
{
    private readonly SemaphoreSlim _lock = new(1);
    private DirectoryView _view = DirectoryView.Empty;

    public long TenantNo => tenantNo;

    /// <summary>Bytes of terms that the directory holds.</summary>
    public long TermBytes { get; private set; }

    /// <summary>When it was asked last (<see cref="Environment.TickCount64"/>).</summary>
    public long LastUsed { get; private set; }

    /// <summary>The blocks that are committed when this is called.</summary>
    public async ValueTask<DirectoryView> RefreshAsync(CancellationToken cancellationToken)
    {
        LastUsed = Environment.TickCount64;
        await _lock.WaitAsync(cancellationToken);
        try
        {
            _view = await database.ReadAsync(connection => Load(connection, _view), cancellationToken);
            return _view;
        }
        finally
        {
            _lock.Release();
        }
    }

    private DirectoryView Load(DbConnection connection, DirectoryView last)
    {
        SizeRow? now = connection.QueryFirstOrDefault<SizeRow>(
            "SELECT size AS Size, sealed_size AS SealedSize, index_version AS IndexVersion FROM tenant_log WHERE tenant_no=@tenantNo", new { tenantNo });
        if (now is null || (now.Size == last.Size && now.SealedSize == last.SealedSize && now.IndexVersion == last.IndexVersion))
        {
            return last;
        }

        (BlockEntry[] sealedBlocks, int count) = LoadSealed(connection, last, now.SealedSize);
        BlockEntry[] tail = LoadTail(connection, last, now.SealedSize);
        IndexRun[] runs = now.IndexVersion == last.IndexVersion ? last.Runs : LoadRuns(connection, last);
        DirectoryView view = new(now.Size, now.SealedSize, sealedBlocks, count, tail, now.IndexVersion, runs);
        DropIndexedTerms(view);
        TermBytes = Unindexed(view).Sum(block => (long)(block.Terms?.Length ?? 0));
        return view;
    }

    private (BlockEntry[] Blocks, int Count) LoadSealed(DbConnection connection, DirectoryView last, long sealedSize)
    {
        BlockEntry[] blocks = last.Sealed;
        int count = last.SealedCount;
        if (sealedSize == last.SealedSize)
        {
            return (blocks, count);
        }

        foreach (BlockRow row in connection.Query<BlockRow>(
            """
            SELECT b.first_seq AS FirstSeq, b.last_seq AS LastSeq, b.min_ns AS MinNs, b.max_ns AS MaxNs, b.received_ns AS ReceivedNs, t.terms AS Terms
            FROM sealed_block b LEFT JOIN sealed_terms t ON t.tenant_no=b.tenant_no AND t.first_seq=b.first_seq
            WHERE b.tenant_no=@tenantNo AND b.first_seq>=@from ORDER BY b.first_seq
            """,
            new { tenantNo, from = last.SealedSize },
            buffered: false))
        {
            if (count == blocks.Length)
            {
                Array.Resize(ref blocks, Math.Max(64, count * 2));
            }

            blocks[count++] = new BlockEntry(row.FirstSeq, row.LastSeq, row.MinNs, row.MaxNs, row.ReceivedNs, true, row.Terms);
        }

        return (blocks, count);
    }

    private BlockEntry[] LoadTail(DbConnection connection, DirectoryView last, long sealedSize)
    {
        List<BlockEntry> tail = [.. last.Tail.Where(block => block.FirstSeq >= sealedSize)];
        long known = tail.Count > 0 ? tail[^1].LastSeq + 1 : sealedSize;
        foreach (BlockRow row in connection.Query<BlockRow>(
            """
            SELECT first_seq AS FirstSeq, last_seq AS LastSeq, min_ns AS MinNs, max_ns AS MaxNs, received_ns AS ReceivedNs, terms AS Terms FROM commit_block
            WHERE tenant_no=@tenantNo AND first_seq>=@known ORDER BY first_seq
            """,
            new { tenantNo, known },
            buffered: false))
        {
            tail.Add(new BlockEntry(row.FirstSeq, row.LastSeq, row.MinNs, row.MaxNs, row.ReceivedNs, false, row.Terms));
        }

        return [.. tail];
    }

    private IndexRun[] LoadRuns(DbConnection connection, DirectoryView last)
    {
        Dictionary<long, IndexRun> known = last.Runs.ToDictionary(run => run.RunNo);
        return [.. connection.Query<TermIndex.RunRow>(
            """
            SELECT run_no AS RunNo, level AS Level, first_seq AS FirstSeq, last_seq AS LastSeq, blocks AS Blocks, common AS Common FROM index_run
            WHERE tenant_no=@tenantNo ORDER BY first_seq
            """,
            new { tenantNo }).Select(row => known.GetValueOrDefault(row.RunNo)
                ?? index.Open(tenant, row))];
    }

    private static void DropIndexedTerms(DirectoryView view)
    {
        long indexed = view.Runs.Length > 0 ? view.Runs[^1].LastSeq : -1;
        for (int i = view.SealedIndex(indexed); i >= 0; i--)
        {
            if (i < view.SealedCount && view.Sealed[i].LastSeq <= indexed)
            {
                if (view.Sealed[i].Terms is null)
                {
                    return; // those before it were dropped earlier
                }

                view.Sealed[i] = view.Sealed[i] with { Terms = null };
            }
        }
    }

    private static IEnumerable<BlockEntry> Unindexed(DirectoryView view)
    {
        for (int i = view.SealedCount - 1; i >= 0 && view.Sealed[i].Terms is not null; i--)
        {
            yield return view.Sealed[i];
        }

        foreach (BlockEntry block in view.Tail)
        {
            yield return block;
        }
    }

    private sealed record SizeRow(long Size, long SealedSize, long IndexVersion);

    private sealed record BlockRow(long FirstSeq, long LastSeq, long MinNs, long MaxNs, long ReceivedNs, byte[] Terms);
}
