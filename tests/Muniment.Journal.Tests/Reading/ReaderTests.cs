using Dapper;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Events.Terms;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Tests.Reading;

public class ReaderTests
{
    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Ranges_cut_blocks_and_newest_first_turns_only_the_blocks(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        await FillAsync(journal, [5, 5, 5]);

        Assert.Equal([3, 4, 5, 6, 7, 8, 9, 10], (await journal.ReadAllAsync(TestJournal.Acme, new SeqRange(3, 11))).Select(e => (int)e.Seq));
        Assert.Equal([10, 5, 6, 7, 8, 9, 3, 4], (await journal.ReadAllAsync(TestJournal.Acme, new SeqRange(3, 11), newestFirst: true)).Select(e => (int)e.Seq));
        Assert.Empty(await journal.ReadAllAsync(TestJournal.Acme, new SeqRange(15, long.MaxValue)));
        Assert.Empty(await journal.ReadAllAsync(TestJournal.Acme, new SeqRange(7, 7)));
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Times_leave_blocks_out(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        await FillAsync(journal, [5, 5, 5]);
        // FillAsync gives block i the times Start + i * 1000 + 0..4.
        long second = TestSegments.Start + 1000;

        Assert.Equal(5, (await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { FromNs = second, ToNs = second + 1000 }))[0].Seq);
        Assert.Equal(10, (await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { FromNs = second })).Count);
        Assert.Equal(5, (await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { ToNs = second })).Count);
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task The_newest_time_of_receipt_leaves_blocks_out_before_and_after_sealing(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        JournalHead head = await FillAsync(journal, [5, 5, 5]);
        BlockFilter third = BlockFilter.None with { ReceivedFromNs = TestSegments.Start + 2000 };
        Assert.Equal([10, 11, 12, 13, 14], (await journal.ReadAllAsync(TestJournal.Acme, filter: third)).Select(e => (int)e.Seq));
        Assert.Empty(await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { ReceivedFromNs = TestSegments.Start + 2001 }));
        await journal.Store.Writer.SealAsync(head, default);
        Assert.Contains(14, (await journal.ReadAllAsync(TestJournal.Acme, filter: third)).Select(e => (int)e.Seq));
        Assert.Empty(await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { ReceivedFromNs = TestSegments.Start + 2001 }));
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task Terms_leave_blocks_out(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        await FillAsync(journal, [5, 5, 5]);
        TermHasher hasher = new(journal.Store.Keyring.Current(TestJournal.Acme));
        ulong first = hasher.Hash(TermField.Correlation, "c0"u8);
        ulong third = hasher.Hash(TermField.Correlation, "c2"u8);

        Assert.Equal([10, 11, 12, 13, 14], (await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { Terms = [[third]] })).Select(e => (int)e.Seq));
        Assert.Equal(10, (await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { Terms = [[third, first]] })).Count);
        Assert.Empty(await journal.ReadAllAsync(TestJournal.Acme, filter: BlockFilter.None with { Terms = [[third], [first]] }));
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task The_index_says_between_which_seqs_a_term_is_before_and_after_sealing(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        JournalHead head = await FillAsync(journal, [5, 5, 5]);
        for (int pass = 0; pass < 2; pass++)
        {
            if (pass == 0)
            {
                Assert.Equal(new SeqRange(5, 10), await BoundsAsync("c1", 0, 15));
                Assert.Equal(new SeqRange(7, 9), await BoundsAsync("c1", 7, 9));
                Assert.Equal(new SeqRange(0, 0), await BoundsAsync("c1", 0, 5));
            }

            Assert.Equal(new SeqRange(2, 2), await BoundsAsync("nothing", 2, 15));
            (SeqRange known, SeqRange beyond) = (await BoundsAsync("c1", 0, 15), await BoundsAsync("c1", 0, 99)); // beyond the end nobody knows
            Assert.True(known.From <= 5 && known.To >= 10);
            Assert.Equal(known with { To = 99 }, beyond);
            await journal.Store.Writer.SealAsync(head, default);
        }

        ValueTask<SeqRange> BoundsAsync(string correlation, long from, long to) =>
            journal.Store.Reader.BoundsAsync(TestJournal.Acme, new SeqRange(from, to), TermField.Correlation, correlation, default);
    }

    [SkippableTheory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task What_is_committed_is_read_at_once(StorageKind kind)
    {
        await using TestJournal journal = await TestJournal.OpenAsync(kind);
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        for (int i = 0; i < 10; i++)
        {
            head = (await journal.CommitAsync(head, TestSegments.Request(keys, 1, "n" + i))).Head;
            Assert.Equal(i + 1, (await journal.ReadAllAsync(TestJournal.Acme)).Count);
        }
    }

    [Fact]
    public async Task A_row_that_is_gone_is_an_error_and_no_gap()
    {
        await using TestJournal journal = await TestJournal.OpenAsync();
        await FillAsync(journal, [5, 5, 5]);
        await journal.ReadAllAsync(TestJournal.Acme);
        await journal.Store.Database.WriteAsync(c => c.Execute("DELETE FROM commit_block WHERE first_seq=5"));

        JournalCorruptException error = await Assert.ThrowsAsync<JournalCorruptException>(() => journal.ReadAllAsync(TestJournal.Acme));
        Assert.Equal(5, error.FirstSeq);
    }

    [Fact]
    public async Task A_changed_byte_is_an_error()
    {
        await using TestJournal journal = await TestJournal.OpenAsync();
        await FillAsync(journal, [5]);
        byte[] payload = (await journal.Store.Database.ReadAsync(c => c.ExecuteScalar<byte[]>("SELECT payload FROM commit_block")))!;
        payload[^1] ^= 1;
        await journal.Store.Database.WriteAsync(c => c.Execute("UPDATE commit_block SET payload=@payload", new { payload }));

        JournalCorruptException error = await Assert.ThrowsAsync<JournalCorruptException>(() => journal.ReadAllAsync(TestJournal.Acme));
        Assert.Equal(JournalFault.Authentication, error.Fault);
    }

    private static async Task<JournalHead> FillAsync(TestJournal journal, int[] blocks)
    {
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        for (int i = 0; i < blocks.Length; i++)
        {
            head = (await journal.CommitAsync(head, TestSegments.Request(keys, blocks[i], "b" + i, TestSegments.Start + (i * 1000), correlation: "c" + i))).Head;
        }

        return head;
    }
}
