namespace Muniment.Messages.Journal;

/// <summary>An id of the request that the log holds already.</summary>
/// <param name="Index">Position of the event in the request.</param>
/// <param name="SameContent">True: a duplicate, count it and leave it out. False: other content under the same id, store it under an id of ours.</param>
[GenerateSerializer, Immutable, Alias("muniment.journal.known-id")]
public readonly record struct KnownIdMessage([property: Id(0)] int Index, [property: Id(1)] bool SameContent);
