using Muniment.Events;
using Muniment.Events.Blocks;

namespace Muniment.Journal.Reading;

/// <summary>A block as a query got it: one of the two.</summary>
/// <param name="Whole">All its events.</param>
/// <param name="Picked">Those that may have a needle, each put together when it is asked for.</param>
internal sealed record LoadedBlock(DecodedBlock? Whole, IReadOnlyList<StoredEvent>? Picked);
