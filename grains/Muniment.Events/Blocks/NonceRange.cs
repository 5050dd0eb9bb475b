using System.Collections.Immutable;

namespace Muniment.Events.Blocks;

/// <summary>A run of events that came from one segment. With the key's salt key it gives their salts, hence their leaves.</summary>
/// <param name="KeyId">Number of the tenant's root key that was current when the segment was made.</param>
/// <param name="Nonce">The segment's nonce.</param>
/// <param name="FirstIndex">Index in that segment of the run's first event.</param>
/// <param name="Count">Events in the run.</param>
public readonly record struct NonceRange(uint KeyId, SegmentNonce Nonce, int FirstIndex, int Count)
{
    /// <summary>The ranges of <paramref name="take"/> events after the first <paramref name="skip"/> ones.</summary>
    public static ImmutableArray<NonceRange> Cut(ImmutableArray<NonceRange> ranges, int skip, int take)
    {
        var cut = ImmutableArray.CreateBuilder<NonceRange>();
        foreach (NonceRange range in ranges)
        {
            int left = Math.Min(skip, range.Count);
            skip -= left;
            int count = Math.Min(take, range.Count - left);
            if (count > 0)
            {
                cut.Add(range with { FirstIndex = range.FirstIndex + left, Count = count });
                take -= count;
            }
        }

        return cut.ToImmutable();
    }
}
