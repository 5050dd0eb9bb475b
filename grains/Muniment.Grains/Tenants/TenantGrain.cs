using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Administration;
using Muniment.Grains.Administration;
using Muniment.Journal;
using Muniment.Messages.Administration;
using Muniment.Messages.Tenants;

namespace Muniment.Grains.Tenants;

/// <summary>
/// One tenant: loads its document, applies <see cref="TenantRules"/> and <see cref="SettingsRules"/>, stores it together with the admin event of the change, records that and
/// answers. Nothing is answered before it is stored and recorded.
/// </summary>
[GrainType("tenant")]
public sealed class TenantGrain : Grain, ITenantGrain
{
    private readonly IPersistentState<TenantState> _state;
    private readonly IPolicyStore _policies;
    private readonly TimeProvider _time;
    private readonly AdminOutbox _outbox;

    // Written by one request at a time; readers interleave and see the old document until the new one is stored.
    private TenantDocument _document = new();
    private long _version;

    // Contents of the versions in force, by name; one whose version is not the head's is read again.
    private ImmutableDictionary<string, PolicyMessage> _heads = ImmutableDictionary.Create<string, PolicyMessage>(StringComparer.Ordinal);

    /// <summary>Made by the silo.</summary>
    public TenantGrain([PersistentState("tenant", TenantState.StorageName)] IPersistentState<TenantState> state, IAdminRecorder recorder, IPolicyStore policies, TimeProvider time)
    {
        _state = state;
        _policies = policies;
        _time = time;
        _outbox = new AdminOutbox(
            recorder,
            () => Task.FromResult(_document.Outbox),
            ids => StoreAsync(_document with { Outbox = [.. _document.Outbox.Where(entry => !ids.Contains(entry.Id))] }, _version));
    }

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _document = TenantDocument.Parse(_state.State.Document);
        _version = _state.State.Version;
        if (!_document.Outbox.IsEmpty)
        {
            // Not here: who asks for keys must not wait for the journal.
            _outbox.RetryLater(this, TimeSpan.Zero);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<TenantSnapshotMessage> GetSnapshot(long knownVersion) => Task.FromResult(TenantRules.Snapshot(_document, _version, knownVersion));

    /// <inheritdoc/>
    public Task<TenantChange> Create(TenantMessage tenant, KeyMessage firstKey, bool replace, ActMessage? act) =>
        Change(document => TenantRules.Create(document, tenant, firstKey, replace), act);

    /// <inheritdoc/>
    public Task<TenantChange> Update(TenantMessage tenant, ActMessage? act) => Change(document => TenantRules.Update(document, tenant), act);

    /// <inheritdoc/>
    public Task<TenantChange> AddKey(KeyMessage key, ActMessage? act) => Change(document => TenantRules.AddKey(document, key), act);

    /// <inheritdoc/>
    public Task<TenantChange> RevokeKey(string id, ActMessage? act) => Change(document => TenantRules.RevokeKey(document, id), act, onlyShrinks: true);

    /// <inheritdoc/>
    public Task<SettingsMessage> GetSettings(string scope) => Task.FromResult(SettingsRules.Get(_document, scope));

    /// <inheritdoc/>
    public Task<SettingsMessage> GetEffectiveSettings(string? project, string? user) => Task.FromResult(SettingsRules.Effective(_document, project, user));

    /// <inheritdoc/>
    public Task<TenantChange> PutSettings(SettingsMessage settings, ActMessage? act) => Change(document => SettingsRules.Put(document, settings), act);

    /// <inheritdoc/>
    public async Task<DecidingMessage> GetDeciding(long knownVersion)
    {
        (TenantDocument document, long version) = (_document, _version);
        return version == knownVersion
            ? new DecidingMessage(version, [], [])
            : new DecidingMessage(
                version,
                [.. (await HeadsAsync(document)).Select(head => head with { Source = "" })],
                [.. document.Upstreams.Values.Select(upstream => upstream.ToMessage())]);
    }

    /// <inheritdoc/>
    public Task<TenantChange> PutPolicy(string name, string source, ActMessage act) => PublishAsync(name, source, act, always: false);

    /// <inheritdoc/>
    public async Task<TenantChange> RollbackPolicy(string name, long version, ActMessage act) =>
        _document.Policies.TryGetValue(name, out PolicyHead? head) && version >= 1 && version <= head.Version && await FindPolicy(name, version) is { } earlier
            ? await PublishAsync(name, earlier.Source, act, always: true)
            : TenantRules.Refused(TenantChangeStatus.NotFound, "such version");

    /// <inheritdoc/>
    public async Task<PolicyMessage?> FindPolicy(string name, long version)
    {
        if (!_document.Policies.TryGetValue(name, out PolicyHead? head) || version > head.Version)
        {
            return null;
        }

        return await _policies.FindAsync(this.GetPrimaryKeyString(), name, version == 0 ? head.Version : version);
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<PolicyMessage>> ListPolicyVersions(string name, long below, int limit) =>
        _document.Policies.TryGetValue(name, out PolicyHead? head) ? await _policies.ListAsync(this.GetPrimaryKeyString(), name, Math.Min(below, head.Version + 1), limit) : [];

    /// <inheritdoc/>
    public Task<TenantChange> PutUpstream(UpstreamMessage upstream, bool keepCredential, ActMessage? act) =>
        Change(document => UpstreamRules.Put(document, upstream, keepCredential), act);

    /// <inheritdoc/>
    public Task<TenantChange> RemoveUpstream(string name, ActMessage? act) => Change(document => UpstreamRules.Remove(document, name), act, onlyShrinks: true);

    // The content is stored first: above the head it counts for nothing, and the next change replaces it.
    private async Task<TenantChange> PublishAsync(string name, string source, ActMessage act, bool always)
    {
        IReadOnlyCollection<PolicyMessage> heads = await HeadsAsync(_document);
        PolicyMessage? made = null;
        return await Change(
            document =>
            {
                (TenantDocument next, TenantChange change, made) = PolicyRules.Put(document, heads, name, source, act.User ?? act.KeyId, _time.GetUtcNow().ToUnixTimeMilliseconds(), always);
                return (next, change);
            },
            act,
            before: () => _policies.PutAsync(this.GetPrimaryKeyString(), made!));
    }

    private async Task<IReadOnlyCollection<PolicyMessage>> HeadsAsync(TenantDocument document)
    {
        var heads = new List<PolicyMessage>(document.Policies.Count);
        foreach ((string name, PolicyHead head) in document.Policies)
        {
            if (!_heads.TryGetValue(name, out PolicyMessage? content) || content.Version != head.Version)
            {
                content = await _policies.FindAsync(this.GetPrimaryKeyString(), name, head.Version)
                    ?? throw new InvalidDataException($"policy {name} version {head.Version} of tenant {this.GetPrimaryKeyString()} is in force and its content is not there");
                _heads = _heads.SetItem(name, content);
            }

            heads.Add(content);
        }

        return heads;
    }

    private async Task<TenantChange> Change(
        Func<TenantDocument, (TenantDocument Document, TenantChange Change)> rule, ActMessage? act, bool onlyShrinks = false, Func<Task>? before = null)
    {
        if (!await _outbox.DrainAsync())
        {
            return TenantRules.Refused(TenantChangeStatus.Unrecorded, "an earlier change is not yet recorded in the journal, so this one was not made");
        }

        (TenantDocument next, TenantChange change) = rule(_document);
        if (change.Status is not TenantChangeStatus.Done)
        {
            return change;
        }

        if (act is not null)
        {
            AdminAct own = act.ToAct() with { Tenant = TenantId.Parse(this.GetPrimaryKeyString()) };
            next = next with { Outbox = next.Outbox.Add(OutboxEntry.Of(own, change.Before, change.After)) };
        }

        // A key can be revoked however full the tenant is: what is left is smaller, only the entry comes on top until it is recorded.
        if ((onlyShrinks ? next with { Outbox = [] } : next).ToJson().Length > TenantLimits.MaxDocumentLength)
        {
            return TenantRules.Refused(TenantChangeStatus.LimitReached, $"{TenantLimits.MaxDocumentLength} characters of keys and settings");
        }

        if (before is not null)
        {
            await before();
        }

        await StoreAsync(next, _version + 1);
        if (act is null)
        {
            return change;
        }

        Failpoints.Pass(Failpoints.BeforeRecord);
        if (await _outbox.DrainAsync())
        {
            return change;
        }

        _outbox.RetryLater(this, AdminOutbox.RetryEvery);
        return TenantRules.Unrecorded(change);
    }

    private async Task StoreAsync(TenantDocument document, long version)
    {
        TenantState before = _state.State;
        _state.State = new TenantState { Document = document.ToJson(), Version = version };
        try
        {
            await _state.WriteStateAsync();
        }
        catch
        {
            // Whether it was stored is not known: the next activation reads what is true.
            _state.State = before;
            DeactivateOnIdle();
            throw;
        }

        _document = document;
        _version = version;
    }
}
