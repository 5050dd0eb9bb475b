using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Copying;

namespace Muniment.Delivery.Batches;

/// <summary>One event on its way out.</summary>
/// <param name="Stored">The journal entry.</param>
/// <param name="Event">Its canonical form; null when only the raw record is wanted.</param>
/// <param name="Id">Its id; empty with <see cref="Copy"/>, which knows it.</param>
/// <param name="Leaf">Its leaf hash, or empty.</param>
/// <param name="Epoch">The destination's epoch.</param>
/// <param name="N">Its number within the epoch; negative for a test event, which has no marks.</param>
public readonly record struct OutgoingEvent(StoredEvent Stored, CanonicalEvent? Event, string Id, ReadOnlyMemory<byte> Leaf, long Epoch, long N)
{
    /// <summary>Writes its canonical JSON as it was sent, in place of <see cref="Event"/>; only for a renderer that <see cref="Kinds.IEventRenderer.Copies"/>.</summary>
    public CanonicalCopier? Copy { get; init; }
}
