using Muniment.Events;
using Muniment.Messages.Administration;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Policies;

/// <summary>The gateway's way to what the tenant grains keep for deciding. Each call may fail with an exception when no silo answers; callers then refuse.</summary>
internal interface IDecidingStore
{
    /// <summary>Policies in force and upstreams; see <see cref="ITenantGrain.GetDeciding"/>.</summary>
    Task<DecidingMessage> DecidingAsync(TenantId tenant, long knownVersion);

    /// <summary>Makes or replaces an upstream.</summary>
    Task<TenantChange> PutUpstreamAsync(TenantId tenant, UpstreamMessage upstream, bool keepCredential, ActMessage act);

    /// <summary>Removes an upstream.</summary>
    Task<TenantChange> RemoveUpstreamAsync(TenantId tenant, string name, ActMessage act);
}
