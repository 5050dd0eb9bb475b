using System.Collections.Immutable;

namespace Muniment.Messages.Tenants;

/// <summary>All tenants, by name.</summary>
/// <param name="Version">Grows with each change. When it equals the asker's version the list is empty.</param>
/// <param name="Tenants">Sorted by id.</param>
[GenerateSerializer, Immutable, Alias("muniment.tenant.list")]
public sealed record TenantListMessage([property: Id(0)] long Version, [property: Id(1)] ImmutableArray<TenantMessage> Tenants);
