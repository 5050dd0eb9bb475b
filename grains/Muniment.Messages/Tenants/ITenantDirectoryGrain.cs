using Muniment.Messages.Administration;
using Orleans.Concurrency;

namespace Muniment.Messages.Tenants;

/// <summary>The list of tenants (one grain, key <see cref="Key"/>). Gateways ask it first, so that made-up names in made-up keys never activate a tenant.</summary>
[Alias("muniment.tenant-directory")]
public interface ITenantDirectoryGrain : IGrainWithStringKey
{
    /// <summary>The only key.</summary>
    const string Key = "all";

    /// <summary>Version and, when it differs from <paramref name="knownVersion"/>, all tenants.</summary>
    [Alias("list"), AlwaysInterleave]
    Task<TenantListMessage> List(long knownVersion);

    /// <summary>Makes a tenant and its first key, then lists it. Repeating it after a crash finishes the work.</summary>
    [Alias("create")]
    Task<TenantChange> Create(TenantMessage tenant, KeyMessage firstKey, ActMessage? act);

    /// <summary>Replaces a tenant's name, region and quota. Repeating it after a crash finishes the work.</summary>
    [Alias("update")]
    Task<TenantChange> Update(TenantMessage tenant, ActMessage? act);
}
