namespace Muniment.Messages.Journal;

/// <summary><see cref="Events.Blocks.Segment"/> on the wire; the same fields.</summary>
[GenerateSerializer, Immutable, Alias("muniment.journal.segment")]
public sealed record SegmentMessage(
    [property: Id(0)] int Count,
    [property: Id(1)] long ReceivedNs,
    [property: Id(2)] long MinTimeNs,
    [property: Id(3)] long MaxTimeNs,
    [property: Id(4)] ReadOnlyMemory<byte> Payload,
    [property: Id(5)] ReadOnlyMemory<byte> Leaves,
    [property: Id(6)] ReadOnlyMemory<byte> Terms);
