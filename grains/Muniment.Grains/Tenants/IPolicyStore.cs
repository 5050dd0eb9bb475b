using System.Collections.Immutable;
using Muniment.Messages.Tenants;

namespace Muniment.Grains.Tenants;

/// <summary>Where the contents of policies' versions lie. A row above the head that the tenant's document names is of a change that was never made; the next one replaces it.</summary>
public interface IPolicyStore
{
    /// <summary>Stores one version, in the place of one that was never in force.</summary>
    Task PutAsync(string tenant, PolicyMessage policy);

    /// <summary>One version, or null.</summary>
    Task<PolicyMessage?> FindAsync(string tenant, string name, long version);

    /// <summary>Versions below one, newest first, without their contents.</summary>
    Task<ImmutableArray<PolicyMessage>> ListAsync(string tenant, string name, long below, int limit);
}
