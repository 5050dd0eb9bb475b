using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Messages.Administration;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Policies;

/// <summary>Asks the tenant grains.</summary>
internal sealed class GrainDecidingStore(IGrainFactory grains) : IDecidingStore
{
    public Task<DecidingMessage> DecidingAsync(TenantId tenant, long knownVersion) => Grain(tenant).GetDeciding(knownVersion);

    public Task<TenantChange> PutPolicyAsync(TenantId tenant, string name, string source, ActMessage act) => Grain(tenant).PutPolicy(name, source, act);

    public Task<TenantChange> RollbackPolicyAsync(TenantId tenant, string name, long version, ActMessage act) => Grain(tenant).RollbackPolicy(name, version, act);

    public Task<PolicyMessage?> FindPolicyAsync(TenantId tenant, string name, long version) => Grain(tenant).FindPolicy(name, version);

    public Task<ImmutableArray<PolicyMessage>> ListPolicyVersionsAsync(TenantId tenant, string name, long below, int limit) => Grain(tenant).ListPolicyVersions(name, below, limit);

    public Task<TenantChange> PutUpstreamAsync(TenantId tenant, UpstreamMessage upstream, bool keepCredential, ActMessage act) => Grain(tenant).PutUpstream(upstream, keepCredential, act);

    public Task<TenantChange> RemoveUpstreamAsync(TenantId tenant, string name, ActMessage act) => Grain(tenant).RemoveUpstream(name, act);

    private ITenantGrain Grain(TenantId tenant) => grains.GetGrain<ITenantGrain>(tenant.Value);
}
