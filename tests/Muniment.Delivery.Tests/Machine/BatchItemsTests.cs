using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Tests.Machine;

public sealed class BatchItemsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(5000)]
    public void Items_come_back_in_order_however_many_there_are(int count)
    {
        using BatchItems items = new(1);
        for (int i = 0; i < count; i++)
        {
            items.Add(new BatchItem(i, i * 2, $"id {i}", i, 1, 0));
        }

        Assert.Equal(count, items.Count);
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"id {i}"), items.Select(item => item.Id));
        Assert.Throws<ArgumentOutOfRangeException>(() => items[count]);
    }

    [Fact]
    public void What_was_taken_away_or_given_back_cannot_be_read()
    {
        BatchItems items = new(2);
        items.Add(new BatchItem(1, 1, "a", 0, 1, 0));
        items.Add(new BatchItem(2, 2, "b", 1, 1, 0));
        items.RemoveLast();
        Assert.Equal("a", Assert.Single(items).Id);

        items.Dispose();
        items.Dispose();

        Assert.Empty(items);
        Assert.Throws<ArgumentOutOfRangeException>(() => items[0]);
    }
}
