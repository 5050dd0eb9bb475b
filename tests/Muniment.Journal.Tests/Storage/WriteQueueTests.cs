using System.Data.Common;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Tests.Storage;

public class WriteQueueTests
{
    [Fact]
    public void Background_work_gets_its_turns_however_much_stands_in_the_foreground()
    {
        WriteQueue queue = new(1 << 30, 1 << 20);
        List<WorkItem> batch = [];
        for (int i = 0; i < 10; i++)
        {
            Assert.True(queue.TryAdd(new Item("back"), WriteClass.Background));
        }

        int background = 0;
        int foreground = 0;
        for (int turn = 0; turn < 20; turn++)
        {
            // More comes in than a batch takes, all the time.
            for (int i = 0; i < 8; i++)
            {
                Assert.True(queue.TryAdd(new Item("front"), WriteClass.Foreground));
            }

            batch.Clear();
            Assert.True(queue.Take(batch, 4, 1 << 20));
            background += batch.Count(item => ((Item)item).Name == "back");
            foreground += batch.Count(item => ((Item)item).Name == "front");
        }

        Assert.Equal((10, 80), (background, foreground)); // every second turn one, and none of the foreground's share goes for it
    }

    [Fact]
    public void A_batch_that_is_full_by_bytes_leaves_the_background_its_turn()
    {
        WriteQueue queue = new(1 << 30, 100);
        List<WorkItem> batch = [];
        for (int turn = 0; turn < 4; turn++)
        {
            queue.TryAdd(new Item("front", 1000), WriteClass.Foreground);
        }

        queue.TryAdd(new Item("back", 1000), WriteClass.Background);
        int turns = 0;
        while (!batch.Exists(item => ((Item)item).Name == "back"))
        {
            batch.Clear();
            queue.Take(batch, 64, 500);
            turns++;
        }

        Assert.InRange(turns, 1, 2);
        Assert.Equal((5 - turns - 1) * 1000, queue.QueuedBytes);
    }

    private sealed class Item(string name, long sizeBytes = 1) : WorkItem(sizeBytes)
    {
        public string Name => name;

        public override void Run(DbConnection connection) => throw new NotSupportedException();

        public override void Complete() => throw new NotSupportedException();

        public override void Fail(Exception exception) => throw exception;
    }
}
