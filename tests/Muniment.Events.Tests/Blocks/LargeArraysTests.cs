using Muniment.Events.Blocks;

namespace Muniment.Events.Tests.Blocks;

[Collection(AloneCollection.Name)]
public sealed class LargeArraysTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(65_537)]
    [InlineData(81_920)]
    [InlineData(81_921)]
    [InlineData(131_072)]
    [InlineData(700_000)]
    [InlineData(1 << 24)]
    [InlineData((1 << 24) + 1)]
    public void Arrays_are_long_enough_and_at_most_a_quarter_too_long(int sizeBytes)
    {
        byte[] array = LargeArrays.Rent(sizeBytes);
        Assert.InRange(array.Length, sizeBytes, sizeBytes < LargeArrays.LeastSizeBytes ? 2 * 65_536 : sizeBytes * 5L / 4);
        LargeArrays.Return(array);
    }

    [Fact]
    public void Two_who_rent_at_once_never_get_the_same_array_and_what_waits_is_bounded()
    {
        byte[][] held = new byte[300][];
        Parallel.For(0, held.Length, i =>
        {
            for (int round = 0; round < 20; round++)
            {
                byte[] array = LargeArrays.Rent(65_536 + (i * 1000));
                array.AsSpan(0, 64).Fill((byte)i);
                Thread.Yield();
                Assert.True(array.AsSpan(0, 64).IndexOfAnyExcept((byte)i) < 0);
                if (round < 19)
                {
                    LargeArrays.Return(array);
                }

                held[i] = array;
            }
        });
        Assert.Equal(held.Length, held.Distinct().Count());
        foreach (byte[] array in held)
        {
            LargeArrays.Return(array);
            Assert.InRange(LargeArrays.KeptBytes, 0, LargeArrays.MaxKeptBytes);
        }
    }

    [Theory]
    [InlineData(40_000)]
    [InlineData(65_536)]
    [InlineData(300_000)]
    public void What_came_back_is_given_again(int sizeBytes)
    {
        byte[] array = LargeArrays.Rent(sizeBytes);
        LargeArrays.Return(array);
        Assert.Same(array, LargeArrays.Rent(sizeBytes - 1));
    }

    [Fact]
    public void What_it_did_not_give_is_not_kept()
    {
        byte[] foreign = new byte[100_001];
        LargeArrays.Return(foreign);
        Assert.NotSame(foreign, LargeArrays.Rent(100_001));
    }
}
