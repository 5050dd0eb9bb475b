using System.Buffers;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Batches;

/// <summary>Canonical reading and writing for one tenant. Used by one thread at a time.</summary>
public interface IEventProjection
{
    /// <summary>The entry in canonical form.</summary>
    CanonicalEvent Read(in StoredEvent stored);

    /// <summary>The entry's id without reading all of it, where that is possible.</summary>
    string IdOf(in StoredEvent stored);

    /// <summary>Canonical JSON, one object on one line.</summary>
    void WriteCanonical(CanonicalEvent value, IBufferWriter<byte> output);

    /// <summary>Flat JSON, one object on one line.</summary>
    void WriteFlat(CanonicalEvent value, IBufferWriter<byte> output);
}
