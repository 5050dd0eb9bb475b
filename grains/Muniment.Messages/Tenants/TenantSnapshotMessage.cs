using System.Collections.Immutable;

namespace Muniment.Messages.Tenants;

/// <summary>Everything a gateway needs to know of a tenant to let callers in.</summary>
/// <param name="Version">Grows with each change. When it equals the asker's version the rest is empty.</param>
/// <param name="Tenant">The tenant, or null when it does not exist or nothing changed.</param>
/// <param name="Keys">Keys that are not revoked.</param>
[GenerateSerializer, Immutable, Alias("muniment.tenant.snapshot")]
public sealed record TenantSnapshotMessage(
    [property: Id(0)] long Version, [property: Id(1)] TenantMessage? Tenant, [property: Id(2)] ImmutableArray<KeyMessage> Keys);
