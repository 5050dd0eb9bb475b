namespace Muniment.Messages.Journal;

/// <summary>Digest of a sender's id and of the content it names.</summary>
/// <param name="Index">Position of the event in the request, from 0.</param>
/// <param name="IdHigh">First half of the keyed 128-bit digest of (sender's key, id).</param>
/// <param name="IdLow">Second half.</param>
/// <param name="Content">Keyed 64-bit digest of the event as received.</param>
[GenerateSerializer, Immutable, Alias("muniment.journal.id")]
public readonly record struct EventIdMessage(
    [property: Id(0)] int Index, [property: Id(1)] ulong IdHigh, [property: Id(2)] ulong IdLow, [property: Id(3)] ulong Content);
