using System.Data.Common;
using Dapper;
using Muniment.Events;
using Muniment.Journal.Index;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Reading;

/// <summary>
/// The block directory of one tenant in memory (about 64 bytes a block, plus the terms of those blocks in no run yet that queries asked for), brought up to date
/// from the database at each query. Thread-safe; the lock is held while a new view is made.
/// </summary>
internal sealed class TenantDirectory(IStateDatabase database, TermIndex index, TenantId tenant, long tenantNo)
{
    private readonly SemaphoreSlim _lock = new(1);
    private DirectoryView _view = DirectoryView.Empty;
    private readonly Lock _terms = new(); // over what blocks hold of their terms, and over the two numbers
    private long _termBytes;
    private long _indexed = -1;

    public long TenantNo => tenantNo;

    /// <summary>Bytes of terms that the directory holds.</summary>
    public long TermBytes => Volatile.Read(ref _termBytes);

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

    /// <summary>The terms of a block that is in no run of the index; null when its row is gone, because it was sealed or indexed meanwhile.</summary>
    public async ValueTask<byte[]?> TermsAsync(BlockEntry block, CancellationToken cancellationToken)
    {
        if (block.Terms is { } known)
        {
            return known;
        }

        byte[]? terms = await database.ReadAsync(
            connection => connection.QueryFirstOrDefault<byte[]>(
                block.IsSealed ? "SELECT terms FROM sealed_terms WHERE tenant_no=@tenantNo AND first_seq=@FirstSeq"
                    : "SELECT terms FROM commit_block WHERE tenant_no=@tenantNo AND first_seq=@FirstSeq",
                new { tenantNo, block.FirstSeq }),
            cancellationToken);
        lock (_terms)
        {
            if (terms is not null && block.Terms is null && block.LastSeq > _indexed && _termBytes + terms.Length <= DirectoryCache.MaxTermBytes)
            {
                block.Terms = terms;
                _termBytes += terms.Length;
            }
        }

        return terms;
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
            SELECT first_seq AS FirstSeq, last_seq AS LastSeq, min_ns AS MinNs, max_ns AS MaxNs, received_ns AS ReceivedNs FROM sealed_block
            WHERE tenant_no=@tenantNo AND first_seq>=@from ORDER BY first_seq
            """,
            new { tenantNo, from = last.SealedSize },
            buffered: false))
        {
            if (count == blocks.Length)
            {
                Array.Resize(ref blocks, Math.Max(64, count * 2));
            }

            blocks[count++] = new BlockEntry(row.FirstSeq, row.LastSeq, row.MinNs, row.MaxNs, row.ReceivedNs, true);
        }

        return (blocks, count);
    }

    private BlockEntry[] LoadTail(DbConnection connection, DirectoryView last, long sealedSize)
    {
        List<BlockEntry> tail = [.. last.Tail.Where(block => block.FirstSeq >= sealedSize)];
        long known = tail.Count > 0 ? tail[^1].LastSeq + 1 : sealedSize;
        foreach (BlockRow row in connection.Query<BlockRow>(
            """
            SELECT first_seq AS FirstSeq, last_seq AS LastSeq, min_ns AS MinNs, max_ns AS MaxNs, received_ns AS ReceivedNs FROM commit_block
            WHERE tenant_no=@tenantNo AND first_seq>=@known ORDER BY first_seq
            """,
            new { tenantNo, known },
            buffered: false))
        {
            tail.Add(new BlockEntry(row.FirstSeq, row.LastSeq, row.MinNs, row.MaxNs, row.ReceivedNs, false));
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

    private void DropIndexedTerms(DirectoryView view)
    {
        lock (_terms)
        {
            int first = view.SealedIndex(_indexed + 1);
            _indexed = view.Runs.Length > 0 ? view.Runs[^1].LastSeq : -1;
            _termBytes = view.Tail.Sum(static block => (long)(block.Terms?.Length ?? 0));
            foreach (BlockEntry block in view.Sealed.AsSpan(first, view.SealedCount - first))
            {
                if (block.LastSeq <= _indexed)
                {
                    block.Terms = null;
                }

                _termBytes += block.Terms?.Length ?? 0;
            }
        }
    }

    private sealed record SizeRow(long Size, long SealedSize, long IndexVersion);

    private sealed record BlockRow(long FirstSeq, long LastSeq, long MinNs, long MaxNs, long ReceivedNs);
}
