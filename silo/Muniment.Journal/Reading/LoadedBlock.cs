using Muniment.Events.Blocks;
using Muniment.Events.Blocks.Sealed;

namespace Muniment.Journal.Reading;

/// <summary>A block as a query got it: one of the two.</summary>
/// <param name="Whole">All its events.</param>
/// <param name="Picked">Those that may have a needle, each put together when it is asked for, as long as the query stands at this block.</param>
/// <param name="Payload">What the picked ones are read from.</param>
internal sealed record LoadedBlock(DecodedBlock? Whole, SealedSelection? Picked, StoredPayload? Payload = null) : IDisposable
{
    /// <summary>Gives buffers back; picked events are not put together any more.</summary>
    public void Dispose()
    {
        Picked?.Dispose();
        Payload?.Dispose();
    }
}
