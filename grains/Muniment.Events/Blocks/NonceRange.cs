namespace Muniment.Events.Blocks;

/// <summary>A run of events that came from one segment. With the key's salt key it gives their salts, hence their leaves.</summary>
/// <param name="KeyId">Number of the tenant's root key that was current when the segment was made.</param>
/// <param name="Nonce">The segment's nonce.</param>
/// <param name="FirstIndex">Index in that segment of the run's first event.</param>
/// <param name="Count">Events in the run.</param>
public readonly record struct NonceRange(uint KeyId, SegmentNonce Nonce, int FirstIndex, int Count);
