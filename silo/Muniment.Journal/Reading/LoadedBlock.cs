using Muniment.Events.Blocks;
using Muniment.Events.Blocks.Sealed;

namespace Muniment.Journal.Reading;

/// <summary>A block as a query got it: one of the two.</summary>
/// <param name="Whole">All its events.</param>
/// <param name="Picked">Those that may have a needle, each put together when it is asked for, as long as the query stands at this block.</param>
internal sealed record LoadedBlock(DecodedBlock? Whole, SealedSelection? Picked);
