using System.Data.Common;
using System.Runtime.InteropServices;
using Dapper;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Index;

/// <summary>
/// Writes runs: pages first, in several background writes under a number that no reader knows yet, then in one transaction the run's own row, which makes
/// it visible and takes the place of what it was built from. Pages of a run that never became visible are removed by the next one. Sealing thread only.
/// </summary>
internal sealed class RunBuilder(IStateDatabase database, ITenantKeyring keyring)
{
    private const int PagesPerWrite = 64;
    private const int DeletesPerWrite = 512;

    private readonly List<ulong> _postings = []; // used again: some megabytes for each run
    private readonly Sealing.HashSlots _terms = new();

    /// <summary>Makes a run of level 0 out of the terms of its blocks.</summary>
    public void Build(TenantId tenant, long tenantNo, IReadOnlyList<(long FirstSeq, long LastSeq, byte[] Terms)> blocks)
    {
        _postings.Clear();
        for (int i = 0; i < blocks.Count; i++)
        {
            _terms.Clear();
            Writing.TermLists.AddTo(blocks[i].Terms, _terms);
            foreach (ulong term in _terms)
            {
                _postings.Add(Posting.Of(term, i));
            }
        }

        _postings.Sort();
        RunOutput output = Begin(tenant, tenantNo, blocks.Count);
        List<int> same = [];
        for (int i = 0; i < _postings.Count;)
        {
            ulong term = Posting.Term(_postings[i]);
            same.Clear();
            for (; i < _postings.Count && Posting.Term(_postings[i]) == term; i++)
            {
                same.Add(Posting.Block(_postings[i]));
            }

            output.Add(term, CollectionsMarshal.AsSpan(same));
        }

        output.Finish(0, blocks[0].FirstSeq, blocks[^1].LastSeq, connection => connection.Execute(
            "DELETE FROM sealed_terms WHERE tenant_no=@tenantNo AND first_seq>=@first AND first_seq<=@last",
            new { tenantNo, first = blocks[0].FirstSeq, last = blocks[^1].FirstSeq }));
    }

    /// <summary>Merges consecutive runs of one level into one of the next.</summary>
    public void Merge(TenantId tenant, long tenantNo, IReadOnlyList<IndexRun> runs)
    {
        RunOutput output = Begin(tenant, tenantNo, runs.Sum(run => run.Blocks));
        RunMerge merge = new([.. runs.Select(run => new RunSource(database, keyring, tenant, tenantNo, run))]);
        while (merge.TryNext(out ulong term, out ReadOnlySpan<int> blocks))
        {
            output.Add(term, blocks);
        }

        long[] replaced = [.. runs.Select(run => run.RunNo)];
        output.Finish(runs[0].Level + 1, runs[0].FirstSeq, runs[^1].LastSeq, connection =>
        {
            foreach (long runNo in replaced)
            {
                connection.Execute("DELETE FROM index_run WHERE tenant_no=@tenantNo AND run_no=@runNo", new { tenantNo, runNo });
            }
        });
        foreach (long runNo in replaced)
        {
            DeletePages(tenantNo, runNo);
        }
    }

    private RunOutput Begin(TenantId tenant, long tenantNo, int blocks)
    {
        long runNo = database.ReadAsync(connection => connection.ExecuteScalar<long>(
            "SELECT COALESCE(MAX(run_no), 0) FROM index_run WHERE tenant_no=@tenantNo", new { tenantNo })).GetAwaiter().GetResult() + 1;
        DeletePages(tenantNo, runNo); // of an attempt that a crash cut short
        return new RunOutput(database, keyring.Current(tenant), tenantNo, runNo, blocks);
    }

    private void DeletePages(long tenantNo, long runNo)
    {
        while (database.WriteAsync(
            connection => connection.Execute(
                """
                DELETE FROM index_page WHERE tenant_no=@tenantNo AND run_no=@runNo AND fence IN (
                  SELECT fence FROM index_page WHERE tenant_no=@tenantNo AND run_no=@runNo ORDER BY fence LIMIT @count)
                """,
                new { tenantNo, runNo, count = DeletesPerWrite }),
            1024,
            WriteClass.Background).GetAwaiter().GetResult() == DeletesPerWrite)
        {
        }
    }

    private sealed class RunOutput
    {
        private readonly IStateDatabase _database;
        private readonly TenantKeys _keys;
        private readonly long _tenantNo;
        private readonly long _runNo;
        private readonly int _blocks;
        private readonly IndexPageWriter _writer;
        private readonly List<(long Fence, byte[] Page)> _pages = [];
        private readonly List<ulong> _common = [];

        public RunOutput(IStateDatabase database, TenantKeys keys, long tenantNo, long runNo, int blocks)
        {
            _database = database;
            _keys = keys;
            _tenantNo = tenantNo;
            _runNo = runNo;
            _blocks = blocks;
            _writer = new IndexPageWriter(Emit);
        }

        public void Add(ulong term, ReadOnlySpan<int> blocks)
        {
            if (IndexRun.IsCommon(blocks.Length, _blocks))
            {
                _common.Add(term);
                return;
            }

            _writer.Add(term, blocks);
        }

        public void Finish(int level, long firstSeq, long lastSeq, Action<DbConnection> replace)
        {
            _writer.Flush();
            WritePages();
            byte[] common = PageCipher.Seal(_keys, FrameFormat.IndexPage, _runNo, -1, Writing.TermLists.Of(_common));
            _database.WriteAsync(
                connection =>
                {
                    connection.Execute(
                        """
                        INSERT INTO index_run(tenant_no, run_no, level, first_seq, last_seq, blocks, common)
                        VALUES(@tenantNo, @runNo, @level, @firstSeq, @lastSeq, @blocks, @common)
                        """,
                        new { tenantNo = _tenantNo, runNo = _runNo, level = (long)level, firstSeq, lastSeq, blocks = (long)_blocks, common });
                    Failpoints.Pass(Failpoints.IndexMerge);
                    replace(connection);
                    return connection.Execute("UPDATE tenant_log SET index_version=index_version+1 WHERE tenant_no=@tenantNo", new { tenantNo = _tenantNo });
                },
                common.Length,
                WriteClass.Background).GetAwaiter().GetResult();
        }

        private void Emit(long fence, byte[] content)
        {
            _pages.Add((fence, PageCipher.Seal(_keys, FrameFormat.IndexPage, _runNo, fence, content)));
            if (_pages.Count == PagesPerWrite)
            {
                WritePages();
            }
        }

        private void WritePages()
        {
            if (_pages.Count == 0)
            {
                return;
            }

            (long Fence, byte[] Page)[] pages = [.. _pages];
            _pages.Clear();
            _database.WriteAsync(
                connection => connection.Execute(
                    "INSERT INTO index_page(tenant_no, run_no, fence, page) VALUES(@tenantNo, @runNo, @fence, @page)",
                    pages.Select(page => new { tenantNo = _tenantNo, runNo = _runNo, fence = page.Fence, page = page.Page })),
                pages.Sum(page => (long)page.Page.Length),
                WriteClass.Background).GetAwaiter().GetResult();
        }
    }
}
