using System.Collections.Immutable;

namespace Muniment.Messages.Tenants;

/// <summary>Everything a gateway needs to know of a tenant to decide without asking: the policies in force and the upstreams.</summary>
/// <param name="Version">Grows with each change. When it equals the asker's version the rest is empty.</param>
/// <param name="Policies">The version in force of each policy, sorted by name.</param>
/// <param name="Upstreams">Sorted by name.</param>
[GenerateSerializer, Immutable, Alias("muniment.tenant.deciding")]
public sealed record DecidingMessage(
    [property: Id(0)] long Version, [property: Id(1)] ImmutableArray<PolicyMessage> Policies, [property: Id(2)] ImmutableArray<UpstreamMessage> Upstreams);
