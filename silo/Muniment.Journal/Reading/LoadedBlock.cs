using Muniment.Events.Blocks;
using Muniment.Events.Blocks.Sealed;

namespace Muniment.Journal.Reading;

/// <summary>A block as a query got it: one of the three.</summary>
/// <param name="Whole">All its events, in memory of their own.</param>
/// <param name="Shared">All its events, in memory that is shared with others and only lent.</param>
/// <param name="Picked">Those that may have a needle, each put together when it is asked for, as long as the query stands at this block.</param>
/// <param name="Payload">What the picked ones are read from.</param>
internal sealed record LoadedBlock(DecodedBlock? Whole, SharedBlock? Shared, SealedSelection? Picked, StoredPayload? Payload = null) : IDisposable
{
    /// <summary>Gives buffers back; what is lent may not be read any more, picked events are not put together any more.</summary>
    public void Dispose()
    {
        Shared?.Leave();
        Picked?.Dispose();
        Payload?.Dispose();
    }
}
