using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Batches;

/// <summary>Canonical reading for one tenant. Used by one thread at a time.</summary>
public interface IEventProjection
{
    /// <summary>The entry in canonical form.</summary>
    CanonicalEvent Read(in StoredEvent stored);

    /// <summary>The entry's id without reading all of it, where that is possible.</summary>
    string IdOf(in StoredEvent stored);
}
