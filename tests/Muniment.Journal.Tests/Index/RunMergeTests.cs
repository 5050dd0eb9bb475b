using System.Collections;
using System.Collections.Immutable;
using Muniment.Journal.Index;
using Muniment.Journal.Writing;

namespace Muniment.Journal.Tests.Index;

public class RunMergeTests
{
    private const int TenantNo = 1;
    private const int Runs = 5;
    private const int BlocksOfRun = 12;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_merged_run_finds_what_its_runs_found(int seed)
    {
        Random random = new(seed);
        await using TestJournal journal = await TestJournal.OpenAsync();
        await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        RunBuilder builder = new(journal.Store.Database, journal.Store.Keyring);
        TermIndex index = new(journal.Store.Database, journal.Store.Keyring);
        // Of words in one block only there are enough for many pages; others are in some blocks of every run, or in nearly all blocks of some.
        ulong[] everywhere = [.. Enumerable.Range(0, 20).Select(_ => Term(random))], here = [.. Enumerable.Range(0, 40).Select(_ => Term(random))];
        HashSet<ulong>[] blocks = [.. Enumerable.Range(0, Runs * BlocksOfRun).Select(b => new HashSet<ulong>(
            Enumerable.Range(0, 600).Select(_ => Term(random)).Concat(everywhere.Where(_ => random.Next(8) == 0)).Concat(b / BlocksOfRun == 2 ? here.Where(_ => random.Next(4) > 0) : [])))];
        for (int run = 0; run < Runs; run++)
        {
            builder.Build(TestJournal.Acme, TenantNo, [.. Enumerable.Range(run * BlocksOfRun, BlocksOfRun).Select(b => ((long)b, (long)b, TermLists.Of([.. blocks[b].Order()])))]);
        }

        ImmutableArray<IndexRun> runs = index.LoadRuns(TestJournal.Acme, TenantNo, 0);
        Assert.NotEmpty(runs[2].Common);
        Dictionary<ulong, bool[]> before = [];
        foreach (ulong term in blocks.SelectMany(b => b).Distinct())
        {
            before[term] = [.. (await Task.WhenAll(runs.Select(run => FindAsync(index, run, term)))).SelectMany(found => found)];
            Assert.All(blocks.Index().Where(b => b.Item.Contains(term)), b => Assert.True(before[term][b.Index]));
        }

        builder.Merge(TestJournal.Acme, TenantNo, runs);

        IndexRun merged = Assert.Single(index.LoadRuns(TestJournal.Acme, TenantNo, 1));
        Assert.Empty(index.LoadRuns(TestJournal.Acme, TenantNo, 0));
        foreach ((ulong term, bool[] expected) in before)
        {
            bool common = IndexRun.IsCommon(expected.Count(found => found), merged.Blocks);
            Assert.Equal(common, merged.Common.Contains(term));
            Assert.Equal(common ? Enumerable.Repeat(true, merged.Blocks) : expected, await FindAsync(index, merged, term));
        }
    }

    private static ulong Term(Random random) => (ulong)random.NextInt64(1L << 48);

    private static async Task<bool[]> FindAsync(TermIndex index, IndexRun run, ulong term)
    {
        BitArray? found = await index.FindAsync(TestJournal.Acme, TenantNo, run, [[term]], default);
        Assert.NotNull(found);
        return [.. found.Cast<bool>()];
    }
}
