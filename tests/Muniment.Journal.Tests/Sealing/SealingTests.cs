using System.Text;
using Dapper;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Events.Terms;
using Muniment.Journal.Index;
using Muniment.Journal.Reading;
using Muniment.Journal.Sealing;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Tests.Sealing;

public class SealingTests
{
    private static readonly SealLimits s_small = new() { MaxEvents = 8, BaseBlocks = 4, FanIn = 2, MaxRoundBlocks = 1000 };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task Sealing_changes_no_event_and_deletes_what_it_replaces(int requestEvents)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(limits: s_small);
        JournalHead head = await FillAsync(journal, 20, requestEvents);
        List<StoredEvent> before = await journal.ReadAllAsync(TestJournal.Acme);

        long sealedSize = await journal.Store.Writer.SealAsync(head, default);

        Assert.InRange(sealedSize, (20 * requestEvents) - 8, 20 * requestEvents);
        Same(before, await journal.ReadAllAsync(TestJournal.Acme));
        Assert.Equal(0, await journal.Store.Database.ReadAsync(c => c.ExecuteScalar<long>("SELECT count(*) FROM commit_block WHERE first_seq<@sealedSize", new { sealedSize })));
        await journal.ReopenAsync();
        Same(before, await journal.ReadAllAsync(TestJournal.Acme));
        Same(Enumerable.Reverse(before).OrderBy(e => e.Seq).ToList(), [.. (await journal.ReadAllAsync(TestJournal.Acme, newestFirst: true)).OrderBy(e => e.Seq)]);
    }

    [Fact]
    public async Task A_sealed_block_takes_no_more_rows_than_fit_when_they_are_not_compressed()
    {
        await using TestJournal journal = await TestJournal.OpenAsync(limits: s_small with { MaxRawBytes = 1 });
        JournalHead head = await FillAsync(journal, 12, 2);
        List<StoredEvent> before = await journal.ReadAllAsync(TestJournal.Acme);

        await journal.Store.Writer.SealAsync(head, default);

        long[] sizes = await journal.Store.Database.ReadAsync(c => c.Query<long>("SELECT last_seq-first_seq+1 FROM sealed_block").ToArray());
        Assert.All(sizes, size => Assert.Equal(2, size));
        Assert.InRange(sizes.Length, 8, 12);
        Same(before, await journal.ReadAllAsync(TestJournal.Acme));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Needles_leave_events_out_and_blocks_still_say_how_far_they_reach(bool newestFirst)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(limits: s_small);
        JournalHead head = await FillAsync(journal, 20, 3);
        await journal.Store.Writer.SealAsync(head, default);
        List<StoredEvent> all = await journal.ReadAllAsync(TestJournal.Acme);
        SeqRange range = new(2, 51);
        foreach (string label in (string[])["r1", "r7", "r15", "r19", "absent"])
        {
            RowNeedles needles = new([Encoding.UTF8.GetBytes(label)], NeedleForm.Part);
            List<StoredEvent> found = [];
            List<(long From, long To)> covered = [];
            await foreach (JournalBlock block in journal.Store.Reader.ReadAsync(TestJournal.Acme, range, BlockFilter.None with { Needles = needles }, newestFirst, default))
            {
                Assert.All(block.Events, e => Assert.InRange(e.Seq, block.FirstSeq, block.EndSeq - 1));
                covered.Add((block.FirstSeq, block.EndSeq));
                found.AddRange(block.Events.Where(e => needles.MayBeIn(e)));
            }

            covered.Sort();
            Assert.Equal((2, 51), (covered[0].From, covered[^1].To));
            Assert.All(covered.Zip(covered.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
            Same([.. all.Where(e => e.Seq is >= 2 and < 51 && needles.MayBeIn(e))], [.. found.OrderBy(e => e.Seq)]);
        }
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Terms_are_found_in_every_level_of_the_index(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind, s_small);
        JournalHead head = await FillAsync(journal, 100, 4); // 50 blocks: runs of levels 2 and 1, unindexed blocks, and a tail
        await journal.Store.Writer.SealAsync(head, default);
        long[] levels = await journal.Store.Database.ReadAsync(c => c.Query<long>("SELECT level FROM index_run ORDER BY first_seq").ToArray());
        Assert.Contains(2, levels);
        Assert.True(levels.Length > 1);

        TermHasher hasher = new(journal.Store.Keyring.Current(TestJournal.Acme));
        foreach (bool newestFirst in (bool[])[false, true])
        {
            for (int i = 0; i < 100; i++)
            {
                ulong term = hasher.Hash(TermField.Correlation, Encoding.UTF8.GetBytes("c" + i));
                List<StoredEvent> events = await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { Terms = [[term]] }, newestFirst: newestFirst);
                Assert.Equal(4, events.Count(e => TestSegments.Text(e).Contains($"\"r{i}\"", StringComparison.Ordinal)));
                Assert.InRange(events.Count, 4, 8); // the block alone
            }
        }

        Assert.Empty(await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { Terms = [[hasher.Hash(TermField.Correlation, "absent"u8)]] }));
    }

    [Fact]
    public async Task Terms_are_held_when_a_query_asks_and_only_until_their_block_is_in_the_index()
    {
        await using TestJournal journal = await TestJournal.OpenAsync(limits: s_small);
        JournalHead head = await FillAsync(journal, 13, 4); // one run of four blocks, two sealed blocks behind it, and a commit row
        await journal.Store.Writer.SealAsync(head, default);
        IStateDatabase database = journal.Store.Database;
        TenantDirectory directory = new(database, new TermIndex(database, journal.Store.Keyring), TestJournal.Acme, 1);

        DirectoryView view = await directory.RefreshAsync(default);
        Assert.Equal((6, 1, 1), (view.SealedCount, view.Tail.Length, view.Runs.Length));
        Assert.Equal(0, directory.TermBytes);
        Assert.Null(await directory.TermsAsync(view.Sealed[0], default)); // it is in the run
        byte[]? committed = await directory.TermsAsync(view.Tail[0], default);
        byte[]? behind = await directory.TermsAsync(view.Sealed[5], default);
        Assert.Equal(committed!.Length + behind!.Length, directory.TermBytes);
        Assert.Same(behind, await directory.TermsAsync(view.Sealed[5], default));

        head = await FillAsync(journal, 5, 4); // the two blocks get into a run, and the commit row into one of them
        await journal.Store.Writer.SealAsync(head, default);
        DirectoryView later = await directory.RefreshAsync(default);
        Assert.True(later.Runs[^1].LastSeq >= view.Tail[0].LastSeq);
        Assert.Null(later.Sealed[5].Terms);
        Assert.Equal(0, directory.TermBytes);
    }

    [Fact]
    public async Task Common_terms_are_not_written_and_still_found()
    {
        await using TestJournal journal = await TestJournal.OpenAsync(limits: s_small);
        JournalHead head = await FillAsync(journal, 40, 8, correlation: i => i % 2 == 0 ? "even" : "odd" + i);
        await journal.Store.Writer.SealAsync(head, default);
        TermHasher hasher = new(journal.Store.Keyring.Current(TestJournal.Acme));

        List<StoredEvent> even = await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { Terms = [[hasher.Hash(TermField.Correlation, "even"u8)]] });
        List<StoredEvent> odd = await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { Terms = [[hasher.Hash(TermField.Correlation, "odd7"u8)], [hasher.Hash(TermField.Correlation, "odd7"u8)]] });

        Assert.Equal(160, even.Count(e => TestSegments.Text(e) is { } text && Enumerable.Range(0, 20).Any(i => text.Contains($"\"r{i * 2}\"", StringComparison.Ordinal))));
        Assert.Equal(8, odd.Count);
    }

    [Fact]
    public async Task Words_leave_sealed_blocks_out()
    {
        await using TestJournal journal = await TestJournal.OpenAsync(limits: s_small);
        JournalHead head = await FillAsync(journal, 32, 8);
        await journal.Store.Writer.SealAsync(head, default);

        // The label is not a canonical field, so it is text of the details.
        List<StoredEvent> events = await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { Words = ["r17"] });
        Assert.Contains(events, e => TestSegments.Text(e).Contains("r17", StringComparison.Ordinal));
        Assert.InRange(events.Count, 8, 24);
        Assert.Empty(await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { Words = ["r17", "r18"] }));
    }

    [Fact]
    public async Task A_reader_goes_on_while_its_blocks_are_sealed_and_merged()
    {
        await using TestJournal journal = await TestJournal.OpenAsync(limits: s_small);
        JournalHead head = await FillAsync(journal, 64, 4);
        List<long> seqs = [];
        await foreach (JournalBlock block in journal.Store.Reader.ReadAsync(TestJournal.Acme, SeqRange.All, BlockFilter.None, false, default))
        {
            seqs.AddRange(block.Events.Select(e => e.Seq));
            if (seqs.Count == 12)
            {
                await journal.Store.Writer.SealAsync(head, default);
            }
        }

        Assert.Equal(Enumerable.Range(0, 256).Select(i => (long)i), seqs);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(10)]
    public async Task A_round_takes_some_blocks_and_appends_and_other_tenants_come_between(long urgentEvents)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(limits: s_small with { MaxRoundBlocks = 2, UrgentEvents = urgentEvents });
        JournalHead head = await FillAsync(journal, 20, 4);
        TenantKeys other = journal.Store.Keyring.Current(TestJournal.Globex);
        JournalHead otherHead = await journal.Store.Writer.AcquireAsync(TestJournal.Globex, default);
        otherHead = (await journal.CommitAsync(otherHead, TestSegments.Request(other, 8, "g"))).Head;
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        for (long round = 1; round <= 5; round++)
        {
            // Two blocks of eight a round, while the log grows by one request each time.
            Task<long> sealing = journal.Store.Writer.SealAsync(head, default).AsTask();
            Task<long> otherSealing = journal.Store.Writer.SealAsync(otherHead, default).AsTask();
            CommitOutcome outcome = await journal.CommitAsync(head, TestSegments.Request(keys, 4, "more" + round));
            Assert.Equal(CommitStatus.Committed, outcome.Status);
            head = outcome.Head;
            Assert.Equal(round * 16, await sealing);
            Assert.Equal(8, await otherSealing);
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (long)i), (await journal.ReadAllAsync(TestJournal.Acme)).Select(e => e.Seq));
    }

    [Fact]
    public async Task A_fenced_writer_seals_nothing()
    {
        await using TestJournal journal = await TestJournal.OpenAsync(limits: s_small);
        JournalHead old = await FillAsync(journal, 20, 4);
        await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);

        Assert.Equal(0, await journal.Store.Writer.SealAsync(old, default));
    }

    [Fact]
    public async Task A_changed_commit_block_is_never_sealed()
    {
        await using TestJournal journal = await TestJournal.OpenAsync(limits: s_small);
        JournalHead head = await FillAsync(journal, 4, 8);
        // Another block of the same tenant in its place: it decrypts, only the tree can tell.
        await journal.Store.Database.WriteAsync(c => c.Execute(
            "UPDATE commit_block SET payload=(SELECT payload FROM commit_block WHERE first_seq=8) WHERE first_seq=16"));

        JournalCorruptException error = await Assert.ThrowsAsync<JournalCorruptException>(async () => await journal.Store.Writer.SealAsync(head, default));

        Assert.Equal(16, error.FirstSeq);
        Assert.Equal(2, await CountAsync(journal, "sealed_block"));
        Assert.Equal(32, (await journal.ReadAllAsync(TestJournal.Acme)).Count);
    }

    [Theory]
    [InlineData("UPDATE commit_block SET payload=(SELECT payload FROM commit_block WHERE first_seq=48) WHERE first_seq=24")] // found while it is verified
    [InlineData("UPDATE commit_block SET payload=x'00' WHERE first_seq=24")] // found while it is made
    public async Task What_was_sealed_before_a_changed_commit_block_stays_also_when_blocks_are_verified_beside(string change)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(limits: s_small with { MaxRoundBlocks = 2, UrgentEvents = 4 });
        JournalHead head = await FillAsync(journal, 8, 8);
        Assert.Equal(16, await journal.Store.Writer.SealAsync(head, default)); // the next round is urgent
        await journal.Store.Database.WriteAsync(c => c.Execute(change));

        JournalCorruptException error = await Assert.ThrowsAsync<JournalCorruptException>(async () => await journal.Store.Writer.SealAsync(head, default));

        Assert.Equal(24, error.FirstSeq);
        Assert.Equal(3, await CountAsync(journal, "sealed_block"));
        await Assert.ThrowsAsync<JournalCorruptException>(async () => await journal.Store.Writer.SealAsync(head, default));
        Assert.Equal(5, await CountAsync(journal, "commit_block"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)] // a round that ends full, and nothing is left for another one
    public async Task The_file_shrinks_after_a_backlog_was_sealed(int events)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(limits: s_small with { MaxRoundBlocks = 1 });
        await journal.Store.Database.WriteAsync(c => c.Execute("CREATE TABLE ballast(v BLOB)"));
        for (int i = 0; i < 30; i++)
        {
            await journal.Store.Database.WriteAsync(c => c.Execute("INSERT INTO ballast VALUES(zeroblob(1000000))"));
        }

        await journal.Store.Database.WriteAsync(c => c.Execute("DELETE FROM ballast"));
        JournalHead head = await FillAsync(journal, 1, events);
        long before = await journal.Store.Database.ReadAsync(c => c.ExecuteScalar<long>("PRAGMA page_count"));

        await journal.Store.Writer.SealAsync(head, default);

        long after = await journal.Store.Database.ReadAsync(c => c.ExecuteScalar<long>("PRAGMA page_count"));
        Assert.True(before > 3500 && after < 1200, $"{before} pages before, {after} after");
        Assert.Equal("ok", await journal.Store.Database.ReadAsync(c => c.ExecuteScalar<string>("PRAGMA integrity_check")));
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Old_digests_and_pages_without_a_run_are_forgotten(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        // TestSegments.Start lies days before the clock of this test.
        for (int day = 0; day < 3; day++)
        {
            long received = TestSegments.Start + (day * Muniment.Journal.Writing.Deduplicator.DayNs);
            head = (await journal.CommitAsync(head, TestSegments.Request(keys, 1, "r", received, "d" + day, [("id" + day, 1)]))).Head;
        }

        await journal.Store.Database.WriteAsync(c => c.Execute("INSERT INTO index_page(tenant_no, run_no, fence, page) VALUES(1, 99, 5, @page)", new { page = new byte[3] }));
        await journal.Store.Writer.SealAsync(head, default);

        Assert.Equal(0, await CountAsync(journal, "dedup_request"));
        Assert.Equal(2, await CountAsync(journal, "dedup_id"));
        Assert.Equal(2, await CountAsync(journal, "dedup_generation"));
        Assert.Equal(0, await CountAsync(journal, "index_page"));
    }

    private static Task<long> CountAsync(TestJournal journal, string table) => journal.Store.Database.ReadAsync(c => c.ExecuteScalar<long>($"SELECT count(*) FROM {table}"));

    private static async Task<JournalHead> FillAsync(TestJournal journal, int requests, int events, Func<int, string>? correlation = null)
    {
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        for (int i = 0; i < requests; i++)
        {
            PendingAppend request = TestSegments.Request(keys, events, "r" + i, TestSegments.Start + (i * 1000), correlation: correlation?.Invoke(i) ?? "c" + i);
            CommitOutcome outcome = await journal.CommitAsync(head, request);
            Assert.Equal(CommitStatus.Committed, outcome.Status);
            head = outcome.Head;
        }

        return head;
    }

    private static void Same(List<StoredEvent> expected, List<StoredEvent> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal((expected[i].Seq, expected[i].ReceivedNs, expected[i].Kind), (actual[i].Seq, actual[i].ReceivedNs, actual[i].Kind));
            Assert.True(expected[i].Record.Span.SequenceEqual(actual[i].Record.Span));
            Assert.True(expected[i].Envelope.Span.SequenceEqual(actual[i].Envelope.Span));
        }
    }
}
