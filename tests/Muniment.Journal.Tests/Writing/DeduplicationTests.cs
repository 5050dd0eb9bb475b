using System.Text;
using Muniment.Events.Keys;
using Muniment.Journal.Storage;
using Muniment.Journal.Writing;

namespace Muniment.Journal.Tests.Writing;

public class DeduplicationTests
{
    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task A_repeated_request_gets_the_first_answer_also_after_a_restart(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        head = (await journal.CommitAsync(head, TestSegments.Request(keys, 4, "one", digest: "d"))).Head;
        await journal.ReopenAsync();
        head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);

        CommitOutcome repeat = await journal.CommitAsync(head, TestSegments.Request(keys, 4, "two", digest: "d"));

        CommittedAppend result = Assert.Single(repeat.Results);
        Assert.Equal((CommittedKind.Repeated, 0L, 3L), (result.Kind, result.FirstSeq, result.LastSeq));
        Assert.Equal("answer one", Encoding.UTF8.GetString(result.Answer.Span));
        Assert.Equal(head, repeat.Head);
        Assert.Equal(4, (await journal.ReadAllAsync(TestJournal.Acme)).Count);
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Equal_requests_of_one_group_are_stored_once_and_the_rest_is_numbered_without_holes(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);

        CommitOutcome outcome = await journal.CommitAsync(
            head, TestSegments.Request(keys, 2, "a", digest: "d"), TestSegments.Request(keys, 2, "a", digest: "d"), TestSegments.Request(keys, 1, "b", digest: "e"));

        Assert.Equal([CommittedKind.Stored, CommittedKind.Repeated, CommittedKind.Stored], outcome.Results.Select(r => r.Kind));
        Assert.Equal(0, outcome.Results[1].FirstSeq);
        Assert.Equal(2, outcome.Results[2].FirstSeq);
        Assert.Equal(3, outcome.Head.Size);
        Assert.Equal(3, (await journal.ReadAllAsync(TestJournal.Acme)).Count);
        JournalHead again = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        Assert.Equal(outcome.Head.Peaks.ToArray(), again.Peaks.ToArray());
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task After_24_hours_the_same_request_is_a_new_one(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        head = (await journal.CommitAsync(head, TestSegments.Request(keys, 1, "one", digest: "d"))).Head;

        CommitOutcome early = await journal.CommitAsync(head, TestSegments.Request(keys, 1, "two", TestSegments.Start + Deduplicator.DayNs - 1, "d"));
        CommitOutcome late = await journal.CommitAsync(head, TestSegments.Request(keys, 1, "two", TestSegments.Start + Deduplicator.DayNs, "d"));
        CommitOutcome repeat = await journal.CommitAsync(late.Head, TestSegments.Request(keys, 1, "two", TestSegments.Start + Deduplicator.DayNs + 1, "d"));

        Assert.Equal(CommittedKind.Repeated, early.Results[0].Kind);
        Assert.Equal(CommittedKind.Stored, late.Results[0].Kind);
        Assert.Equal((CommittedKind.Repeated, 1L), (repeat.Results[0].Kind, repeat.Results[0].FirstSeq));
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Known_ids_are_named_and_nothing_of_the_request_is_stored(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        head = (await journal.CommitAsync(head, TestSegments.Request(keys, 3, "one", ids: [("x", 1), ("y", ulong.MaxValue), ("z", 3)]))).Head;
        await journal.ReopenAsync();
        head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);

        CommitOutcome outcome = await journal.CommitAsync(head, TestSegments.Request(keys, 3, "two", ids: [("new", 9), ("y", ulong.MaxValue), ("x", 7)]));

        Assert.Equal(CommittedKind.IdsKnown, outcome.Results[0].Kind);
        Assert.Equal([(1, true), (2, false)], outcome.Results[0].Known.ToArray());
        Assert.Equal(3, outcome.Head.Size);
        // Nothing of it was remembered: without the known ones it is stored.
        CommitOutcome rest = await journal.CommitAsync(outcome.Head, TestSegments.Request(keys, 1, "two", ids: [("new", 9)]));
        Assert.Equal(CommittedKind.Stored, rest.Results[0].Kind);
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task An_id_twice_in_one_request_is_named(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);

        CommitOutcome outcome = await journal.CommitAsync(head, TestSegments.Request(keys, 3, "one", ids: [("x", 1), ("x", 1), ("x", 2)]));

        Assert.Equal([(1, true), (2, false)], outcome.Results[0].Known.ToArray());
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Ids_of_yesterday_are_still_known_in_the_next_generation(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        head = (await journal.CommitAsync(head, TestSegments.Request(keys, 1, "one", ids: [("x", 1)]))).Head;
        head = (await journal.CommitAsync(head, TestSegments.Request(keys, 1, "two", TestSegments.Start + Deduplicator.DayNs, ids: [("y", 1)]))).Head;

        CommitOutcome known = await journal.CommitAsync(head, TestSegments.Request(keys, 2, "three", TestSegments.Start + Deduplicator.DayNs + 1, ids: [("x", 1), ("y", 1)]));
        Assert.Equal([(0, true), (1, true)], known.Results[0].Known.ToArray());

        head = (await journal.CommitAsync(head, TestSegments.Request(keys, 1, "four", TestSegments.Start + (2 * Deduplicator.DayNs), ids: [("z", 1)]))).Head;
        CommitOutcome forgotten = await journal.CommitAsync(head, TestSegments.Request(keys, 1, "five", TestSegments.Start + (2 * Deduplicator.DayNs) + 1, ids: [("x", 1)]));
        Assert.Equal(CommittedKind.Stored, forgotten.Results[0].Kind);
    }
}
