using Muniment.Events;
using Muniment.Events.Administration;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Gateway.Access;
using Muniment.Gateway.Ingest;
using Muniment.Grains.Tenants;
using Muniment.Messages.Administration;
using Muniment.Messages.Journal;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Tests.Hosting;

/// <summary>The tenants' rules without grains: the same pure code that the grains run, in memory. Acts go straight into the journal where there is one.</summary>
internal sealed class MemoryTenantStore(IEventSink? journal = null, ITenantKeyring? keyring = null) : ITenantStore
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

    public Task<TenantChange> CreateTenantAsync(TenantMessage tenant, KeyMessage firstKey, ActMessage? act = null)
    {
        _listVersion++;
        return Change(tenant.Id, document => TenantRules.Create(document, tenant, firstKey, false), act);
    }

    public Task<TenantChange> UpdateTenantAsync(TenantMessage tenant, ActMessage? act = null)
    {
        _listVersion++;
        return Change(tenant.Id, document => TenantRules.Update(document, tenant), act);
    }

    public Task<TenantChange> AddKeyAsync(TenantId tenant, KeyMessage key, ActMessage? act = null) => Change(tenant.Value, document => TenantRules.AddKey(document, key), act);

    public Task<TenantChange> RevokeKeyAsync(TenantId tenant, string id, ActMessage? act = null) => Change(tenant.Value, document => TenantRules.RevokeKey(document, id), act);

    public Task<SettingsMessage> GetSettingsAsync(TenantId tenant, string scope) => Locked(() => SettingsRules.Get(_tenants[tenant.Value].Document, scope));

    public Task<SettingsMessage> GetEffectiveSettingsAsync(TenantId tenant, string? project, string? user) =>
        Locked(() => SettingsRules.Effective(_tenants[tenant.Value].Document, project, user));

    public Task<TenantChange> PutSettingsAsync(TenantId tenant, SettingsMessage settings, ActMessage? act = null) => Change(tenant.Value, document => SettingsRules.Put(document, settings), act);

    private async Task<TenantChange> Change(string tenant, Func<TenantDocument, (TenantDocument Document, TenantChange Change)> rule, ActMessage? act)
    {
        TenantChange change = await Locked(() =>
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
        return act is null || journal is null || change.Status is not TenantChangeStatus.Done || await RecordAsync(TenantId.Parse(tenant), act, change)
            ? change
            : change with { Status = TenantChangeStatus.Unrecorded };
    }

    private async Task<bool> RecordAsync(TenantId tenant, ActMessage act, TenantChange change)
    {
        using var encoder = new SegmentEncoder();
        Segment segment = AdminEvent.Encode(encoder, keyring!.Current(tenant), act.KeyId, AdminEvent.Write(act.ToAct(), change.Before, change.After), act.TimeNs);
        return (await journal!.AppendAsync(tenant, [segment], default, [], default, true, default)).Status is AppendStatus.Accepted;
    }

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
