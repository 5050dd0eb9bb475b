using Muniment.Events;

namespace Muniment.Delivery.Storage;

/// <summary>One destination as stored.</summary>
/// <param name="Tenant">Owner.</param>
/// <param name="Id">Its id.</param>
/// <param name="Fence">Raised by each activation; writes under an older one change nothing.</param>
/// <param name="Version">Of the configuration, from 1.</param>
/// <param name="Config">Configuration as JSON, secrets masked.</param>
/// <param name="Secrets">Sealed secrets.</param>
/// <param name="State">JSON of <see cref="Machine.DestinationState"/>.</param>
public sealed record DestinationRow(TenantId Tenant, string Id, long Fence, int Version, ReadOnlyMemory<byte> Config, ReadOnlyMemory<byte> Secrets, ReadOnlyMemory<byte> State);
