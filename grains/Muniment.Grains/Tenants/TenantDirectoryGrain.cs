using Muniment.Events.Administration;
using Muniment.Grains.Administration;
using Muniment.Journal;
using Muniment.Messages.Administration;
using Muniment.Messages.Tenants;

namespace Muniment.Grains.Tenants;

/// <summary>
/// The list of tenants. Makes or changes a tenant first and lists it then: a crash between leaves an unlisted tenant, which nobody can enter and the repeat replaces. The tenant
/// records the act in its own journal; here it is recorded in the journal of who acted. A new tenant whose record a journal does not take is not listed either: the text of its
/// first key goes out with the answer only, so the repeat has to replace it. A changed one is listed as it is.
/// </summary>
[GrainType("tenant-directory")]
public sealed class TenantDirectoryGrain : Grain, ITenantDirectoryGrain
{
    private const string Repeat = "the tenant is made but not listed, because the journal did not take the record of it; repeat the request";

    private readonly IPersistentState<TenantState> _state;
    private readonly AdminOutbox _outbox;

    // Written by one request at a time; List interleaves and sees the old list until the new one is stored.
    private DirectoryDocument _document = new();
    private long _version;

    /// <summary>Made by the silo.</summary>
    public TenantDirectoryGrain([PersistentState("directory", TenantState.StorageName)] IPersistentState<TenantState> state, IAdminRecorder recorder)
    {
        _state = state;
        _outbox = new AdminOutbox(
            recorder,
            () => Task.FromResult(_document.Outbox),
            ids => StoreAsync(_document with { Outbox = [.. _document.Outbox.Where(entry => !ids.Contains(entry.Id))] }, _version));
    }

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _document = DirectoryDocument.Parse(_state.State.Document);
        _version = _state.State.Version;
        if (!_document.Outbox.IsEmpty)
        {
            _outbox.RetryLater(this, TimeSpan.Zero);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<TenantListMessage> List(long knownVersion) => Task.FromResult(
        new TenantListMessage(_version, knownVersion == _version ? [] : [.. _document.Tenants.Values.Select(tenant => tenant.ToMessage())]));

    /// <inheritdoc/>
    public Task<TenantChange> Create(TenantMessage tenant, KeyMessage firstKey, ActMessage? act)
    {
        if (_document.Tenants.ContainsKey(tenant.Id))
        {
            return Task.FromResult(TenantRules.Refused(TenantChangeStatus.Conflict, $"the tenant {tenant.Id} exists already"));
        }

        return _document.Tenants.Count >= TenantLimits.MaxTenants
            ? Task.FromResult(TenantRules.Refused(TenantChangeStatus.LimitReached, $"{TenantLimits.MaxTenants} tenants"))
            : Change(tenant, act, grain => grain.Create(tenant, firstKey, replace: true, act));
    }

    /// <inheritdoc/>
    public Task<TenantChange> Update(TenantMessage tenant, ActMessage? act) => _document.Tenants.TryGetValue(tenant.Id, out TenantRecord? before)
        ? Change(tenant with { CreatedMs = before.CreatedMs }, act, grain => grain.Update(tenant, act))
        : Task.FromResult(TenantRules.Refused(TenantChangeStatus.NotFound, "tenant " + tenant.Id));

    private async Task<TenantChange> Change(TenantMessage tenant, ActMessage? act, Func<ITenantGrain, Task<TenantChange>> make)
    {
        if (!await _outbox.DrainAsync())
        {
            return TenantRules.Refused(TenantChangeStatus.Unrecorded, "an earlier change is not yet recorded in the journal, so this one was not made");
        }

        TenantChange change = await make(GrainFactory.GetGrain<ITenantGrain>(tenant.Id));
        TenantRecord after = TenantRecord.From(tenant);
        bool isNew = !_document.Tenants.ContainsKey(tenant.Id);
        if (change.IsStored && isNew)
        {
            return change with { Detail = Repeat };
        }

        if (!(change.IsStored || change.Status is TenantChangeStatus.Done or TenantChangeStatus.Unchanged) || (_document.Tenants.TryGetValue(tenant.Id, out TenantRecord? listed) && listed == after))
        {
            return change;
        }

        DirectoryDocument next = _document with { Tenants = _document.Tenants.SetItem(tenant.Id, after) };
        if (act is not null && act.Tenant != tenant.Id)
        {
            next = next with { Outbox = next.Outbox.Add(OutboxEntry.Of(act.ToAct(), listed is null ? default : TenantViews.Tenant(listed), change.After)) };
        }

        await StoreAsync(next, _version + 1);
        if (act is null)
        {
            return change;
        }

        Failpoints.Pass(Failpoints.BeforeRecord);
        if (await _outbox.DrainAsync())
        {
            return change.IsStored ? change : change with { Status = TenantChangeStatus.Done };
        }

        _outbox.RetryLater(this, AdminOutbox.RetryEvery);
        if (isNew)
        {
            await StoreAsync(_document with { Tenants = _document.Tenants.Remove(tenant.Id) }, _version + 1);
            return TenantRules.Unrecorded(change) with { Detail = Repeat };
        }

        return TenantRules.Unrecorded(change);
    }

    private async Task StoreAsync(DirectoryDocument document, long version)
    {
        TenantState before = _state.State;
        _state.State = new TenantState { Document = document.ToJson(), Version = version };
        try
        {
            await _state.WriteStateAsync();
        }
        catch
        {
            _state.State = before;
            DeactivateOnIdle();
            throw;
        }

        _document = document;
        _version = version;
    }
}
