using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Copying;

namespace Muniment.Delivery.Batches;

/// <summary>Canonical reading for one tenant. Used by one thread at a time.</summary>
public interface IEventProjection
{
    /// <summary>The entry in canonical form.</summary>
    CanonicalEvent Read(in StoredEvent stored);

    /// <summary>Writes entries as they were sent, where canonical JSON is wanted and nothing of an event has to be known; null when this projection does not do so.</summary>
    CanonicalCopier? Copier() => null;

    /// <summary>The entry's id without reading all of it, where that is possible.</summary>
    string IdOf(in StoredEvent stored);
}
