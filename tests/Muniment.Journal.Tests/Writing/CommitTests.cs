using Dapper;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Journal.Storage;
using Muniment.Trust.Merkle;

namespace Muniment.Journal.Tests.Writing;

public class CommitTests
{
    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Numbers_are_dense_and_everything_comes_back(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        Assert.Equal(0, head.Size);

        CommitOutcome first = await journal.CommitAsync(head, TestSegments.Request(keys, 3, "a"), TestSegments.Request(keys, 2, "b"));
        CommitOutcome second = await journal.CommitAsync(first.Head, TestSegments.Request(keys, 1, "c"));

        Assert.Equal(CommitStatus.Committed, second.Status);
        Assert.Equal((0L, 2L), (first.Results[0].FirstSeq, first.Results[0].LastSeq));
        Assert.Equal((3L, 4L), (first.Results[1].FirstSeq, first.Results[1].LastSeq));
        Assert.Equal((5L, 5L), (second.Results[0].FirstSeq, second.Results[0].LastSeq));
        await journal.ReopenAsync();
        List<StoredEvent> events = await journal.ReadAllAsync(TestJournal.Acme);
        Assert.Equal(Enumerable.Range(0, 6).Select(i => (long)i), events.Select(e => e.Seq));
        Assert.EndsWith("""
            "label":"b","n":1}
            """, TestSegments.Text(events[4]), StringComparison.Ordinal);
        Assert.Equal(6, await journal.Store.Reader.SizeAsync(TestJournal.Acme, default));
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Head_carries_the_merkle_root_of_all_leaves_and_survives_restart(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        MerkleFrontier expected = new();
        for (int i = 1; i < 9; i++)
        {
            PendingAppend request = TestSegments.Request(keys, i, "r" + i);
            head = (await journal.CommitAsync(head, request)).Head;
            foreach (Segment segment in request.Segments)
            {
                expected.Append(segment.Leaves.Span);
            }
        }

        await journal.ReopenAsync();
        JournalHead again = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        Assert.Equal(36, again.Size);
        Assert.Equal(expected.Root(), new MerkleFrontier(again.Size, again.Peaks.AsSpan()).Root());
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task A_large_request_takes_several_rows_of_one_commit(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);

        CommitOutcome outcome = await journal.CommitAsync(head, TestSegments.Request(keys, 9000, "big"), TestSegments.Request(keys, 5, "small"));

        Assert.Equal((0L, 8999L), (outcome.Results[0].FirstSeq, outcome.Results[0].LastSeq));
        Assert.Equal(9005, outcome.Head.Size);
        List<int> sizes = [];
        await foreach (JournalBlock block in journal.Store.Reader.ReadAsync(TestJournal.Acme, SeqRange.All, BlockFilter.None, false, default))
        {
            sizes.Add(block.Events.Count);
        }

        Assert.Equal([4096, 4096, 813], sizes);
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Of_two_writers_one_wins_and_the_log_never_forks(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead old = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        old = (await journal.CommitAsync(old, TestSegments.Request(keys, 2, "before"))).Head;
        JournalHead current = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);

        CommitOutcome[] outcomes = await Task.WhenAll(
            journal.CommitAsync(old, TestSegments.Request(keys, 3, "loser", digest: "lost", ids: [("x", 1)])), journal.CommitAsync(current, TestSegments.Request(keys, 4, "winner")));

        Assert.Equal(CommitStatus.Fenced, outcomes[0].Status);
        Assert.Equal(CommitStatus.Committed, outcomes[1].Status);
        Assert.Equal(old, outcomes[0].Head);
        List<StoredEvent> events = await journal.ReadAllAsync(TestJournal.Acme);
        Assert.Equal(6, events.Count);
        Assert.DoesNotContain(events, e => TestSegments.Text(e).Contains("loser", StringComparison.Ordinal));
        // Nothing of the loser stayed behind, not even its digests.
        CommitOutcome retried = await journal.CommitAsync(outcomes[1].Head, TestSegments.Request(keys, 3, "loser", digest: "lost", ids: [("x", 1)]));
        Assert.Equal(CommittedKind.Stored, retried.Results[0].Kind);
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task A_stale_head_of_the_same_epoch_is_fenced(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        await journal.CommitAsync(head, TestSegments.Request(keys, 2, "one"));

        CommitOutcome stale = await journal.CommitAsync(head, TestSegments.Request(keys, 2, "two"));

        Assert.Equal(CommitStatus.Fenced, stale.Status);
        Assert.Equal(2, await journal.Store.Reader.SizeAsync(TestJournal.Acme, default));
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Tenants_are_apart(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        JournalHead acme = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        JournalHead globex = await journal.Store.Writer.AcquireAsync(TestJournal.Globex, default);
        PendingAppend a = TestSegments.Request(journal.Store.Keyring.Current(TestJournal.Acme), 3, "acme", digest: "same", ids: [("id", 1)]);
        PendingAppend g = TestSegments.Request(journal.Store.Keyring.Current(TestJournal.Globex), 2, "globex", digest: "same", ids: [("id", 1)]);

        CommitOutcome[] outcomes = await Task.WhenAll(journal.CommitAsync(acme, a), journal.CommitAsync(globex, g));

        Assert.All(outcomes, o => Assert.Equal(CommittedKind.Stored, o.Results[0].Kind));
        Assert.All(await journal.ReadAllAsync(TestJournal.Acme), e => Assert.Contains("acme", TestSegments.Text(e), StringComparison.Ordinal));
        Assert.Equal(2, (await journal.ReadAllAsync(TestJournal.Globex)).Count);
        Assert.Empty(await journal.ReadAllAsync(TenantId.Parse("nobody")));
    }

    [Fact]
    public async Task On_a_full_disk_nothing_is_kept_reads_go_on_and_writing_resumes()
    {
        await using TestJournal journal = await TestJournal.OpenAsync();
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        head = (await journal.CommitAsync(head, TestSegments.Request(keys, 3, "kept"))).Head;
        long pages = await journal.Store.Database.WriteAsync(c => c.ExecuteScalar<long>("PRAGMA page_count"));
        await journal.Store.Database.WriteAsync(c => c.Execute($"PRAGMA max_page_count={pages}"));
        PendingAppend large = TestSegments.Request(keys, 4000, string.Concat(Enumerable.Range(0, 40).Select(_ => Guid.NewGuid().ToString("N"))), digest: "large");

        CommitOutcome full = await journal.CommitAsync(head, large);

        Assert.Equal(CommitStatus.Full, full.Status);
        Assert.Equal(head, full.Head);
        Assert.False(journal.Store.Space.HasReserve);
        Assert.Equal(Muniment.Journal.Space.StorageSpace.LowWater, journal.Store.Space.Space);
        Assert.Equal(3, (await journal.ReadAllAsync(TestJournal.Acme)).Count);
        await journal.Store.Database.WriteAsync(c => c.Execute("PRAGMA max_page_count=1000000"));
        CommitOutcome later = await journal.CommitAsync(head, large);
        Assert.Equal((CommittedKind.Stored, 3L), (later.Results[0].Kind, later.Results[0].FirstSeq));
        Assert.Null(journal.Failure);
    }

    [SkippableFact]
    public async Task When_the_server_crashes_commits_fail_and_what_was_acknowledged_is_there_after()
    {
        await using TestJournal journal = await TestJournal.OpenAsync(StorageKind.Postgres, ownServer: true);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        head = (await journal.CommitAsync(head, TestSegments.Request(keys, 3, "kept"))).Head;
        journal.Server!.Crash();

        CommitOutcome down = await journal.CommitAsync(head, TestSegments.Request(keys, 3, "unsure", digest: "d"));
        Assert.Equal(CommitStatus.Failed, down.Status);
        journal.Server.Start();

        head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        Assert.Equal(3, head.Size);
        CommitOutcome repeated = await journal.CommitAsync(head, TestSegments.Request(keys, 3, "unsure", digest: "d"));
        Assert.Equal(CommittedKind.Stored, repeated.Results[0].Kind);
        Assert.Equal(6, (await journal.ReadAllAsync(TestJournal.Acme)).Count);
    }
}
