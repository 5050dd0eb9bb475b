using System.Collections.Frozen;
using Muniment.Events;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Access;

/// <summary>One tenant as the gateway knows it; immutable, replaced as a whole.</summary>
internal sealed class TenantView
{
    private TenantView(TenantId tenant, long version, QuotaMessage quota, FrozenDictionary<string, KnownKey> keys)
    {
        Tenant = tenant;
        Version = version;
        Quota = quota;
        Keys = keys;
    }

    public TenantId Tenant { get; }

    public long Version { get; }

    public QuotaMessage Quota { get; }

    public FrozenDictionary<string, KnownKey> Keys { get; }

    /// <summary>Builds the view. Keys of a role that this version does not know let nobody in.</summary>
    public static TenantView Create(TenantId tenant, TenantSnapshotMessage snapshot) => new(
        tenant,
        snapshot.Version,
        snapshot.Tenant?.Quota ?? QuotaMessage.None,
        snapshot.Keys.Where(key => RoleNames.TryParse(key.Role, out _)).ToFrozenDictionary(
            key => key.Id,
            key => new KnownKey(tenant, key, RoleNames.TryParse(key.Role, out Role role) ? role : default),
            StringComparer.Ordinal));
}
