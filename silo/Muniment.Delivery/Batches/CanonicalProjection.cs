using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Copying;

namespace Muniment.Delivery.Batches;

/// <summary>The platform's own canonical reading.</summary>
public sealed class CanonicalProjection(TenantId tenant, IRecordMapper? mapper = null) : IEventProjection
{
    private readonly EventReader _reader = new(tenant, mapper);

    /// <inheritdoc/>
    public CanonicalEvent Read(in StoredEvent stored) => _reader.Read(stored);

    /// <inheritdoc/>
    public CanonicalCopier? Copier() => new(tenant);

    /// <inheritdoc/>
    public string IdOf(in StoredEvent stored) => stored.Kind == EntryKind.Event ? Read(stored).Id : EventIds.Compute(tenant, stored.Seq, stored.ReceivedNs);
}
