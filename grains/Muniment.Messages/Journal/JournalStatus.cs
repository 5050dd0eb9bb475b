namespace Muniment.Messages.Journal;

/// <summary>State of one tenant's log.</summary>
[GenerateSerializer, Immutable, Alias("muniment.journal.status")]
public sealed record JournalStatus(
    [property: Id(0)] long Epoch, [property: Id(1)] long Size, [property: Id(2)] ReadOnlyMemory<byte> Root, [property: Id(3)] long QueuedBytes, [property: Id(4)] long SealedSize);
