using Muniment.Journal.Sealing;

namespace Muniment.Journal.Tests.Sealing;

public class HashSlotsTests
{
    [Fact]
    public void It_holds_what_a_set_holds()
    {
        Random random = new(5);
        HashSlots slots = new();
        for (int round = 0; round < 3; round++)
        {
            HashSet<ulong> expected = [];
            slots.Clear();
            Assert.Empty(slots);
            for (int i = 0; i < 20_000; i++)
            {
                ulong hash = i % 2 == 0 ? (ulong)random.NextInt64() : (ulong)random.Next(500) << 40;
                Assert.Equal(expected.Add(hash), slots.Add(hash));
            }

            Assert.Contains(0UL, expected);
            Assert.Equal(expected.Count, slots.Count);
            Assert.Equal(expected.Order(), slots.ToSorted());
        }
    }
}
