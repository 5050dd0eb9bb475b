using Muniment.Messages.Tenants;

namespace Muniment.Grains.Tenants;

/// <summary>The list of tenants. Makes a tenant first and lists it then: a crash between leaves an unlisted tenant, which nobody can enter and the repeat replaces.</summary>
[GrainType("tenant-directory")]
public sealed class TenantDirectoryGrain([PersistentState("directory", TenantState.StorageName)] IPersistentState<TenantState> state) : Grain, ITenantDirectoryGrain
{
    // Written by one request at a time; List interleaves and sees the old list until the new one is stored.
    private DirectoryDocument _document = new();
    private long _version;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _document = DirectoryDocument.Parse(state.State.Document);
        _version = state.State.Version;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<TenantListMessage> List(long knownVersion) => Task.FromResult(
        new TenantListMessage(_version, knownVersion == _version ? [] : [.. _document.Tenants.Values.Select(tenant => tenant.ToMessage())]));

    /// <inheritdoc/>
    public async Task<TenantChange> Create(TenantMessage tenant, KeyMessage firstKey)
    {
        if (_document.Tenants.ContainsKey(tenant.Id))
        {
            return TenantRules.Refused(TenantChangeStatus.Conflict, tenant.Id);
        }

        if (_document.Tenants.Count >= TenantLimits.MaxTenants)
        {
            return TenantRules.Refused(TenantChangeStatus.LimitReached, $"{TenantLimits.MaxTenants} tenants");
        }

        TenantChange change = await GrainFactory.GetGrain<ITenantGrain>(tenant.Id).Create(tenant, firstKey, replace: true);
        if (change.Status is not TenantChangeStatus.Done)
        {
            return change;
        }

        DirectoryDocument next = _document with { Tenants = _document.Tenants.Add(tenant.Id, TenantRecord.From(tenant)) };
        TenantState before = state.State;
        state.State = new TenantState { Document = next.ToJson(), Version = _version + 1 };
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            state.State = before;
            DeactivateOnIdle();
            throw;
        }

        _document = next;
        _version = state.State.Version;
        return change;
    }
}
