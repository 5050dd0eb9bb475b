using System.Data.Common;
using Dapper;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Reading;

/// <summary>
/// The block directory of one tenant in memory (about 64 bytes a block), brought up to date from the database at each query: rows appended and blocks
/// sealed since the last look. Thread-safe; the lock guards <see cref="_view"/> while a new one is made.
/// </summary>
internal sealed class TenantDirectory(IStateDatabase database, long tenantNo)
{
    private readonly SemaphoreSlim _lock = new(1);
    private DirectoryView _view = DirectoryView.Empty;

    public DirectoryView Last => Volatile.Read(ref _view);

    /// <summary>The blocks that are committed when this is called.</summary>
    public async ValueTask<DirectoryView> RefreshAsync(CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            DirectoryView view = await database.ReadAsync(connection => Load(connection, _view), cancellationToken);
            Volatile.Write(ref _view, view);
            return view;
        }
        finally
        {
            _lock.Release();
        }
    }

    private DirectoryView Load(DbConnection connection, DirectoryView last)
    {
        SizeRow? now = connection.QueryFirstOrDefault<SizeRow>("SELECT size AS Size, sealed_size AS SealedSize FROM tenant_log WHERE tenant_no=@tenantNo", new { tenantNo });
        if (now is null || (now.Size == last.Size && now.SealedSize == last.SealedSize))
        {
            return last;
        }

        BlockEntry[] sealedBlocks = last.Sealed;
        int count = last.SealedCount;
        if (now.SealedSize > last.SealedSize)
        {
            foreach (BlockRow row in connection.Query<BlockRow>(
                """
                SELECT first_seq AS FirstSeq, last_seq AS LastSeq, min_ns AS MinNs, max_ns AS MaxNs FROM sealed_block
                WHERE tenant_no=@tenantNo AND first_seq>=@from ORDER BY first_seq
                """,
                new { tenantNo, from = last.SealedSize },
                buffered: false))
            {
                if (count == sealedBlocks.Length)
                {
                    Array.Resize(ref sealedBlocks, Math.Max(64, count * 2));
                }

                sealedBlocks[count++] = new BlockEntry(row.FirstSeq, row.LastSeq, row.MinNs, row.MaxNs, null);
            }
        }

        List<BlockEntry> tail = [.. last.Tail.Where(block => block.FirstSeq >= now.SealedSize)];
        long known = tail.Count > 0 ? tail[^1].LastSeq + 1 : now.SealedSize;
        foreach (TailRow row in connection.Query<TailRow>(
            """
            SELECT first_seq AS FirstSeq, last_seq AS LastSeq, min_ns AS MinNs, max_ns AS MaxNs, terms AS Terms FROM commit_block
            WHERE tenant_no=@tenantNo AND first_seq>=@known ORDER BY first_seq
            """,
            new { tenantNo, known },
            buffered: false))
        {
            tail.Add(new BlockEntry(row.FirstSeq, row.LastSeq, row.MinNs, row.MaxNs, row.Terms));
        }

        return new DirectoryView(now.Size, now.SealedSize, sealedBlocks, count, [.. tail]);
    }

    private sealed record SizeRow(long Size, long SealedSize);

    private sealed record BlockRow(long FirstSeq, long LastSeq, long MinNs, long MaxNs);

    private sealed record TailRow(long FirstSeq, long LastSeq, long MinNs, long MaxNs, byte[] Terms);
}
