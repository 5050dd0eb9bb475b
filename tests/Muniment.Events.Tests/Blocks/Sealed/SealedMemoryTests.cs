using Muniment.Events.Blocks;
using Muniment.Events.Blocks.Sealed;
using Muniment.TestData;

namespace Muniment.Events.Tests.Blocks.Sealed;

/// <summary>Counts allocations, which tests beside it would change: they rent from the same memory.</summary>
[Collection(AloneCollection.Name)]
public sealed class SealedMemoryTests
{
    [Fact]
    public void ABlockOfTheUsualSizeLeavesLittleBehind()
    {
        using var encoder = new SealedBlockEncoder();
        using var decoder = new SealedBlockDecoder();
        var hasher = new LeafHasher();
        var generator = new EventGenerator(31);
        StoredEvent[] events = [.. Enumerable.Range(0, 4096).Select(i => new StoredEvent(i, 1_790_000_000_000_000_000, EntryKind.Log, "{}"u8.ToArray(), default, default, generator.LogRecord()))];
        NonceRange[] ranges = [new NonceRange(1, new SegmentNonce(1, 2), 0, events.Length)];
        byte[] leaves = new byte[4096 * 32];
        int payloadLength = Round();
        Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Round();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, payloadLength, payloadLength + 250_000);

        int Round()
        {
            byte[] payload = encoder.Encode(events, ranges, 0, 1, FixedKeyring.Key(1));
            decoder.HashLeaves(payload, TenantId.Default, new FixedKeyring(), 0, hasher, leaves);
            return payload.Length;
        }
    }
}
