using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Grains.Tenants;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Tests.Hosting;

/// <summary>The tenants' rules without grains: the same pure code that the grains run, in memory.</summary>
internal sealed class MemoryTenantStore : ITenantStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (TenantDocument Document, long Version)> _tenants = new(StringComparer.Ordinal);
    private long _listVersion;

    public bool Fails { get; set; }

    public int SnapshotCalls { get; private set; }

    public Task<TenantListMessage> ListAsync(long knownVersion) => Locked(() =>
        new TenantListMessage(_listVersion, [.. _tenants.Values.Select(tenant => tenant.Document.Tenant!.ToMessage()).OrderBy(tenant => tenant.Id, StringComparer.Ordinal)]));

    public Task<TenantSnapshotMessage> SnapshotAsync(TenantId tenant, long knownVersion) => Locked(() =>
    {
        SnapshotCalls++;
        (TenantDocument document, long version) = _tenants.GetValueOrDefault(tenant.Value, (new TenantDocument(), 0));
        return TenantRules.Snapshot(document, version, knownVersion);
    });

    public Task<TenantChange> CreateTenantAsync(TenantMessage tenant, KeyMessage firstKey)
    {
        _listVersion++;
        return Change(tenant.Id, document => TenantRules.Create(document, tenant, firstKey, false));
    }

    public Task<TenantChange> AddKeyAsync(TenantId tenant, KeyMessage key) => Change(tenant.Value, document => TenantRules.AddKey(document, key));

    public Task<TenantChange> RevokeKeyAsync(TenantId tenant, string id) => Change(tenant.Value, document => TenantRules.RevokeKey(document, id));

    public Task<SettingsMessage> GetSettingsAsync(TenantId tenant, string scope) => Locked(() => SettingsRules.Get(_tenants[tenant.Value].Document, scope));

    public Task<SettingsMessage> GetEffectiveSettingsAsync(TenantId tenant, string? project, string? user) =>
        Locked(() => SettingsRules.Effective(_tenants[tenant.Value].Document, project, user));

    public Task<TenantChange> PutSettingsAsync(TenantId tenant, SettingsMessage settings) => Change(tenant.Value, document => SettingsRules.Put(document, settings));

    private Task<TenantChange> Change(string tenant, Func<TenantDocument, (TenantDocument Document, TenantChange Change)> rule) => Locked(() =>
    {
        (TenantDocument document, long version) = _tenants.GetValueOrDefault(tenant, (new TenantDocument(), 0));
        (TenantDocument after, TenantChange change) = rule(document);
        if (change.Status is TenantChangeStatus.Done)
        {
            // Through JSON, as the grain stores it.
            _tenants[tenant] = (TenantDocument.Parse(after.ToJson()), version + 1);
        }

        return change;
    });

    private Task<T> Locked<T>(Func<T> action)
    {
        if (Fails)
        {
            return Task.FromException<T>(new TimeoutException("no silo"));
        }

        lock (_gate)
        {
            return Task.FromResult(action());
        }
    }
}
