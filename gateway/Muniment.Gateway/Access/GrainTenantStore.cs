using Muniment.Events;
using Muniment.Messages.Administration;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Access;

/// <summary>Asks the tenant grains.</summary>
internal sealed class GrainTenantStore(IGrainFactory grains) : ITenantStore
{
    public Task<TenantListMessage> ListAsync(long knownVersion) => Directory.List(knownVersion);

    public Task<TenantSnapshotMessage> SnapshotAsync(TenantId tenant, long knownVersion) => Grain(tenant).GetSnapshot(knownVersion);

    public Task<TenantChange> CreateTenantAsync(TenantMessage tenant, KeyMessage firstKey, ActMessage? act = null) => Directory.Create(tenant, firstKey, act);

    public Task<TenantChange> UpdateTenantAsync(TenantMessage tenant, ActMessage? act = null) => Directory.Update(tenant, act);

    public Task<TenantChange> AddKeyAsync(TenantId tenant, KeyMessage key, ActMessage? act = null) => Grain(tenant).AddKey(key, act);

    public Task<TenantChange> RevokeKeyAsync(TenantId tenant, string id, ActMessage? act = null) => Grain(tenant).RevokeKey(id, act);

    public Task<SettingsMessage> GetSettingsAsync(TenantId tenant, string scope) => Grain(tenant).GetSettings(scope);

    public Task<SettingsMessage> GetEffectiveSettingsAsync(TenantId tenant, string? project, string? user) => Grain(tenant).GetEffectiveSettings(project, user);

    public Task<TenantChange> PutSettingsAsync(TenantId tenant, SettingsMessage settings, ActMessage? act = null) => Grain(tenant).PutSettings(settings, act);

    private ITenantDirectoryGrain Directory => grains.GetGrain<ITenantDirectoryGrain>(ITenantDirectoryGrain.Key);

    private ITenantGrain Grain(TenantId tenant) => grains.GetGrain<ITenantGrain>(tenant.Value);
}
