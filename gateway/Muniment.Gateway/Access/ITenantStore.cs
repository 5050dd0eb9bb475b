using Muniment.Events;
using Muniment.Messages.Administration;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Access;

/// <summary>The gateway's way to the tenant grains. Each call may fail with an exception when no silo answers; callers then refuse, they never let in. A change comes with the act that it is recorded as, or null for what the platform does by itself.</summary>
public interface ITenantStore
{
    /// <summary>All tenants; see <see cref="ITenantDirectoryGrain.List"/>.</summary>
    Task<TenantListMessage> ListAsync(long knownVersion);

    /// <summary>Keys and quotas of a tenant; see <see cref="ITenantGrain.GetSnapshot"/>.</summary>
    Task<TenantSnapshotMessage> SnapshotAsync(TenantId tenant, long knownVersion);

    /// <summary>Makes and lists a tenant.</summary>
    Task<TenantChange> CreateTenantAsync(TenantMessage tenant, KeyMessage firstKey, ActMessage? act = null);

    /// <summary>Replaces a tenant's name, region and quota.</summary>
    Task<TenantChange> UpdateTenantAsync(TenantMessage tenant, ActMessage? act = null);

    /// <summary>Adds a key.</summary>
    Task<TenantChange> AddKeyAsync(TenantId tenant, KeyMessage key, ActMessage? act = null);

    /// <summary>Revokes a key.</summary>
    Task<TenantChange> RevokeKeyAsync(TenantId tenant, string id, ActMessage? act = null);

    /// <summary>Settings of one scope.</summary>
    Task<SettingsMessage> GetSettingsAsync(TenantId tenant, string scope);

    /// <summary>What counts for a user in a project.</summary>
    Task<SettingsMessage> GetEffectiveSettingsAsync(TenantId tenant, string? project, string? user);

    /// <summary>Replaces the settings of one scope.</summary>
    Task<TenantChange> PutSettingsAsync(TenantId tenant, SettingsMessage settings, ActMessage? act = null);
}
