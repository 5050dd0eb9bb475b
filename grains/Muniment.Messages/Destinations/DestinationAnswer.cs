namespace Muniment.Messages.Destinations;

/// <summary>Answer of a destination. Bodies are JSON of the outside contract, secrets masked.</summary>
/// <param name="Code">Which.</param>
/// <param name="Version">Version of the configuration, where it matters.</param>
/// <param name="Body">What to answer.</param>
/// <param name="Field">Invalid: which field.</param>
/// <param name="Detail">Invalid: what was expected. Otherwise one sentence.</param>
[GenerateSerializer, Immutable, Alias("muniment.destination.answer")]
public sealed record DestinationAnswer(
    [property: Id(0)] DestinationStatusCode Code,
    [property: Id(1)] int Version,
    [property: Id(2)] ReadOnlyMemory<byte> Body,
    [property: Id(3)] string? Field,
    [property: Id(4)] string? Detail);
