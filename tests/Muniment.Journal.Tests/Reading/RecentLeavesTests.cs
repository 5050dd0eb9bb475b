using Muniment.Events.Blocks;
using Muniment.Journal.Reading;

namespace Muniment.Journal.Tests.Reading;

public class RecentLeavesTests
{
    [Fact]
    public void Any_stretch_of_what_was_committed_is_found_and_nothing_else()
    {
        RecentLeaves recent = new();
        recent.Add(1, 10, [Leaves(10, 3), Leaves(13, 1), Leaves(14, 4)]);
        recent.Add(1, 18, [Leaves(18, 2)]);
        recent.Add(2, 0, [Leaves(100, 30)]);
        for (long from = 8; from < 22; from++)
        {
            for (int count = 1; count < 14; count++)
            {
                byte[]? expected = from >= 10 && from + count <= 20 ? Leaves(from, count).Leaves.ToArray() : null;
                Assert.Equal(expected, Find(recent, 1, from, count));
            }
        }

        Assert.Null(Find(recent, 3, 0, 1));
    }

    [Fact]
    public void What_another_writer_committed_in_between_is_not_there()
    {
        RecentLeaves recent = new();
        recent.Add(1, 0, [Leaves(0, 5)]);
        recent.Add(1, 9, [Leaves(9, 5)]);
        Assert.Null(Find(recent, 1, 3, 4));
        Assert.Null(Find(recent, 1, 6, 2));
        Assert.Null(Find(recent, 1, 6, 5));
        Assert.NotNull(Find(recent, 1, 9, 5));
        Assert.NotNull(Find(recent, 1, 0, 5));
    }

    [Fact]
    public void The_oldest_go_when_there_are_too_many()
    {
        RecentLeaves recent = new(maxBytes: 20 * 32);
        for (int i = 0; i < 100; i++)
        {
            recent.Add(i % 2, i / 2 * 2, [Leaves(i / 2 * 2, 2)]);
        }

        Assert.Null(Find(recent, 0, 88, 2));
        Assert.Equal(Leaves(90, 10).Leaves.ToArray(), Find(recent, 0, 90, 10));
        Assert.Equal(Leaves(90, 10).Leaves.ToArray(), Find(recent, 1, 90, 10));
        Assert.Null(Find(recent, 1, 90, 11));
    }

    // A leaf is recognised by its seq.
    private static Segment Leaves(long first, int count) =>
        new(count, 0, 0, 0, default, Enumerable.Range(0, count).SelectMany(i => Enumerable.Repeat((byte)(first + i), 32)).ToArray(), default);

    private static byte[]? Find(RecentLeaves recent, long tenantNo, long firstSeq, int count)
    {
        byte[] leaves = new byte[count * 32];
        return recent.TryCopy(tenantNo, firstSeq, leaves) ? leaves : null;
    }
}
