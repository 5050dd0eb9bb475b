using System.Collections;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Index;

/// <summary>Asks the runs. Nothing is kept in memory but what the directory holds; a probe is one page (4 KiB) a run and term.</summary>
internal sealed class TermIndex(IStateDatabase database, ITenantKeyring keyring)
{
    /// <summary>
    /// Which blocks of the run may hold the terms: one bit a block, all conditions joined; null when the run was merged into another one meanwhile.
    /// </summary>
    public async ValueTask<BitArray?> FindAsync(
        TenantId tenant, long tenantNo, IndexRun run, ImmutableArray<ImmutableArray<ulong>> terms, CancellationToken cancellationToken)
    {
        BitArray result = new(run.Blocks, true);
        foreach (ImmutableArray<ulong> anyOf in terms)
        {
            if (anyOf.Any(run.Common.Contains))
            {
                continue;
            }

            BitArray found = new(run.Blocks);
            foreach (ulong term in anyOf)
            {
                PageRow[]? pages = await database.ReadAsync(connection => Pages(connection, tenantNo, run, term), cancellationToken);
                if (pages is null)
                {
                    return null;
                }

                Mark(tenant, run, pages, term, found);
            }

            result.And(found);
            if (!result.HasAnySet())
            {
                break;
            }
        }

        return result;
    }

    /// <summary>The runs of one level, in seq order.</summary>
    public ImmutableArray<IndexRun> LoadRuns(TenantId tenant, long tenantNo, int level) => [.. database.ReadAsync(connection => connection.Query<RunRow>(
        """
        SELECT run_no AS RunNo, level AS Level, first_seq AS FirstSeq, last_seq AS LastSeq, blocks AS Blocks, common AS Common FROM index_run
        WHERE tenant_no=@tenantNo AND level=@level ORDER BY first_seq
        """,
        new { tenantNo, level = (long)level }).ToArray()).GetAwaiter().GetResult().Select(row => Open(tenant, row))];

    /// <summary>A run from its row.</summary>
    public IndexRun Open(TenantId tenant, RunRow row) =>
        new(row.RunNo, (int)row.Level, row.FirstSeq, row.LastSeq, (int)row.Blocks, OpenCommon(tenant, row.RunNo, row.Common));


    private FrozenSet<ulong> OpenCommon(TenantId tenant, long runNo, byte[] sealedTerms)
    {
        byte[] content = PageCipher.Open(keyring, tenant, FrameFormat.IndexPage, runNo, -1, sealedTerms);
        Sealing.HashSlots terms = new();
        Writing.TermLists.AddTo(content, terms);
        return terms.ToFrozenSet();
    }

    private static PageRow[]? Pages(DbConnection connection, long tenantNo, IndexRun run, ulong term)
    {
        long first = (long)Posting.Of(term, 0);
        long last = (long)Posting.Of(term, Posting.MaxBlocks - 1);
        PageRow[] pages = connection.Query<PageRow>(
            """
            SELECT fence AS Fence, page AS Page FROM index_page
            WHERE tenant_no=@tenantNo AND run_no=@RunNo AND fence<=@last AND fence>=COALESCE(
              (SELECT MAX(fence) FROM index_page WHERE tenant_no=@tenantNo AND run_no=@RunNo AND fence<=@first), 0)
            ORDER BY fence
            """,
            new { tenantNo, run.RunNo, first, last }).ToArray();
        bool exists = connection.ExecuteScalar<long?>("SELECT 1 FROM index_run WHERE tenant_no=@tenantNo AND run_no=@RunNo", new { tenantNo, run.RunNo }) is not null;
        return exists ? pages : null;
    }

    private void Mark(TenantId tenant, IndexRun run, PageRow[] pages, ulong term, BitArray found)
    {
        List<int> blocks = [];
        foreach (PageRow row in pages)
        {
            IndexPageReader reader = new(row.Fence, PageCipher.Open(keyring, tenant, FrameFormat.IndexPage, run.RunNo, row.Fence, row.Page));
            while (reader.TryRead(out ulong candidate, blocks) && candidate <= term)
            {
                if (candidate == term)
                {
                    blocks.ForEach(block => found[block] = true);
                }
            }
        }
    }

    internal sealed record RunRow(long RunNo, long Level, long FirstSeq, long LastSeq, long Blocks, byte[] Common);

    internal sealed record PageRow(long Fence, byte[] Page);
}
