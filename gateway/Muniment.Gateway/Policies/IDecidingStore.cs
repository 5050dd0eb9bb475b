using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Messages.Administration;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Policies;

/// <summary>The gateway's way to what the tenant grains keep for deciding. Each call may fail with an exception when no silo answers; callers then refuse.</summary>
internal interface IDecidingStore
{
    /// <summary>Policies in force and upstreams; see <see cref="ITenantGrain.GetDeciding"/>.</summary>
    Task<DecidingMessage> DecidingAsync(TenantId tenant, long knownVersion);

    /// <summary>Publishes a policy's document.</summary>
    Task<TenantChange> PutPolicyAsync(TenantId tenant, string name, string source, ActMessage act);

    /// <summary>Publishes the content of an earlier version as the next one.</summary>
    Task<TenantChange> RollbackPolicyAsync(TenantId tenant, string name, long version, ActMessage act);

    /// <summary>One version; 0 is the one in force.</summary>
    Task<PolicyMessage?> FindPolicyAsync(TenantId tenant, string name, long version);

    /// <summary>Versions below one, newest first.</summary>
    Task<ImmutableArray<PolicyMessage>> ListPolicyVersionsAsync(TenantId tenant, string name, long below, int limit);

    /// <summary>Makes or replaces an upstream.</summary>
    Task<TenantChange> PutUpstreamAsync(TenantId tenant, UpstreamMessage upstream, bool keepCredential, ActMessage act);

    /// <summary>Removes an upstream.</summary>
    Task<TenantChange> RemoveUpstreamAsync(TenantId tenant, string name, ActMessage act);
}
