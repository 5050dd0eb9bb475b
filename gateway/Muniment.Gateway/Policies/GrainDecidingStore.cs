using Muniment.Events;
using Muniment.Messages.Administration;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Policies;

/// <summary>Asks the tenant grains.</summary>
internal sealed class GrainDecidingStore(IGrainFactory grains) : IDecidingStore
{
    public Task<DecidingMessage> DecidingAsync(TenantId tenant, long knownVersion) => Grain(tenant).GetDeciding(knownVersion);

    public Task<TenantChange> PutUpstreamAsync(TenantId tenant, UpstreamMessage upstream, bool keepCredential, ActMessage act) => Grain(tenant).PutUpstream(upstream, keepCredential, act);

    public Task<TenantChange> RemoveUpstreamAsync(TenantId tenant, string name, ActMessage act) => Grain(tenant).RemoveUpstream(name, act);

    private ITenantGrain Grain(TenantId tenant) => grains.GetGrain<ITenantGrain>(tenant.Value);
}
