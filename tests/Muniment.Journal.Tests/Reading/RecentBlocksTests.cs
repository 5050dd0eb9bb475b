using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Journal.Reading;

namespace Muniment.Journal.Tests.Reading;

public class RecentBlocksTests
{
    [Fact]
    public async Task Followers_get_the_same_events_and_leaves_as_everybody_before_and_after_sealing()
    {
        await using TestJournal journal = await TestJournal.OpenAsync(limits: new() { MaxEvents = 8, BaseBlocks = 4, FanIn = 2, MaxRoundBlocks = 1000 });
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        JournalHead head = await journal.Store.Writer.AcquireAsync(TestJournal.Acme, default);
        for (int i = 0; i < 20; i++)
        {
            head = (await journal.CommitAsync(head, TestSegments.Request(keys, 5, "r" + i), TestSegments.Request(keys, 2, "s" + i))).Head;
        }

        List<StoredEvent> all = await journal.ReadAllAsync(TestJournal.Acme);
        byte[] leaves = await LeavesAsync(journal, all.Count);
        for (int round = 0; round < 2; round++)
        {
            for (int from = 0; from < all.Count; from += 3)
            {
                long next = from;
                BlockFilter filter = BlockFilter.Following with { WantsLeaves = from % 2 == 0 };
                await foreach (JournalBlock block in journal.Store.Reader.ReadAsync(TestJournal.Acme, new SeqRange(from, from + 10), filter, false, default))
                {
                    Assert.Equal(next, block.FirstSeq);
                    for (int i = 0; i < block.Events.Count; i++, next++)
                    {
                        Assert.Equal(all[(int)next].Seq, block.Events[i].Seq);
                        Assert.True(all[(int)next].Record.Span.SequenceEqual(block.Events[i].Record.Span));
                        Assert.Equal(
                            filter.WantsLeaves ? leaves.AsSpan((int)next * 32, 32).ToArray() : [],
                            block.Leaves.IsEmpty ? [] : block.Leaves.Slice(i * 32, 32).ToArray());
                    }
                }

                Assert.Equal(Math.Min(from + 10, all.Count), next);
            }

            await journal.Store.Writer.SealAsync(head, default);
        }
    }

    [Fact]
    public void The_least_recently_wanted_go_when_there_are_too_many_bytes()
    {
        RecentBlocks recent = new(new NoKeys(), new RecentLeaves(), maxBytes: 3000);
        for (int i = 0; i < 3; i++)
        {
            recent.Add(new(1, i, i), Block(i, 800));
        }

        Assert.NotNull(recent.Find(new(1, 0, 0)));
        recent.Add(new(1, 3, 3), Block(3, 800));

        Assert.Null(recent.Find(new(1, 1, 1)));
        Assert.NotNull(recent.Find(new(1, 0, 0)));
        Assert.Null(recent.Find(new(2, 0, 0)));
        Assert.InRange(recent.SizeBytes, 2400, 3000);
        recent.Add(new(1, 4, 4), Block(4, 5000)); // larger than everything
        Assert.Null(recent.Find(new(1, 4, 4)));
        Assert.NotNull(recent.Find(new(1, 3, 3)));
    }

    [Fact]
    public void What_events_share_counts_too()
    {
        RecentBlocks recent = new(new NoKeys(), new RecentLeaves(), maxBytes: 10_000);
        byte[] resource = new byte[2000];
        StoredEvent[] shared = [.. Enumerable.Range(0, 3).Select(i => new StoredEvent(i, 1, EntryKind.Log, default, resource, default, new byte[10]))];
        StoredEvent[] own = [.. Enumerable.Range(0, 6).Select(i => new StoredEvent(3 + i, 1, EntryKind.Log, new byte[1000], new byte[2000], new byte[500], new byte[10]))];
        recent.Add(new(1, 0, 2), Block(0, shared));
        Assert.InRange(recent.SizeBytes, 2030, 2030 + 3 * 200);
        recent.Add(new(1, 3, 8), Block(3, own));
        Assert.Null(recent.Find(new(1, 3, 8)));
    }

    [Fact]
    public async Task Memory_is_used_again_when_the_last_reader_has_left_and_not_before()
    {
        await using TestJournal journal = await TestJournal.OpenAsync();
        TenantKeys keys = journal.Store.Keyring.Current(TestJournal.Acme);
        BlockDecoders decoders = new(journal.Store.Keyring);
        PendingAppend request = TestSegments.Request(keys, 5, "lent");
        SharedBlock block = decoders.DecodeShared(TestJournal.Acme, request.Segments[0].Payload, 0);
        ReadOnlyMemory<byte> record = block.Events[4].Record;
        byte[] before = record.ToArray();
        RecentBlocks recent = new(journal.Store.Keyring, new RecentLeaves(), maxBytes: block.SizeBytes);
        RecentBlocks.Key key = new(1, 0, 4);
        recent.Add(key, block);
        Assert.Same(block, recent.Find(key)); // a second reader
        ReadOnlyMemory<byte> leaves = recent.LeavesOf(TestJournal.Acme, 1, block);
        Assert.Equal(request.Segments[0].Leaves.ToArray(), leaves.ToArray());

        recent.Add(new(1, 5, 5), Block(5, (int)block.SizeBytes - 200)); // the first is forgotten
        Assert.Null(recent.Find(key));
        block.Leave();
        Assert.Equal(before, record.ToArray());
        block.Leave();
        Assert.False(block.TryEnter());
        Assert.All(record.ToArray(), value => Assert.Equal(0xDD, value)); // as tests have it: see the switch
    }

    private static async Task<byte[]> LeavesAsync(TestJournal journal, int count)
    {
        byte[] leaves = new byte[count * 32];
        await foreach (JournalBlock block in journal.Store.Reader.ReadAsync(TestJournal.Acme, SeqRange.All, BlockFilter.None, false, default))
        {
            new LeafHasher().Hash([.. block.Events], block.Ranges.AsSpan(), TestJournal.Acme, journal.Store.Keyring, leaves.AsMemory((int)block.FirstSeq * 32));
        }

        return leaves;
    }

    private static SharedBlock Block(long seq, int bytes) => Block(seq, [new StoredEvent(seq, 0, EntryKind.Event, default, default, default, new byte[bytes])]);

    private static SharedBlock Block(long seq, StoredEvent[] events)
    {
        BlockBuffers buffers = new();
        buffers.Add(events, []);
        return new SharedBlock(seq, buffers);
    }

    private sealed class NoKeys : ITenantKeyring
    {
        public TenantKeys Current(TenantId tenant) => throw new NotSupportedException();

        public TenantKeys? Find(TenantId tenant, uint keyId) => null;
    }
}
