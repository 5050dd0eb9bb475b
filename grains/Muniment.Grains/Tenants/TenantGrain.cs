using Muniment.Messages.Tenants;

namespace Muniment.Grains.Tenants;

/// <summary>One tenant: loads its document, applies <see cref="TenantRules"/> and <see cref="SettingsRules"/>, stores it. Nothing is answered before it is stored.</summary>
[GrainType("tenant")]
public sealed class TenantGrain([PersistentState("tenant", TenantState.StorageName)] IPersistentState<TenantState> state) : Grain, ITenantGrain
{
    // Written by one request at a time; readers interleave and see the old document until the new one is stored.
    private TenantDocument _document = new();
    private long _version;

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _document = TenantDocument.Parse(state.State.Document);
        _version = state.State.Version;
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<TenantSnapshotMessage> GetSnapshot(long knownVersion) => Task.FromResult(TenantRules.Snapshot(_document, _version, knownVersion));

    /// <inheritdoc/>
    public Task<TenantChange> Create(TenantMessage tenant, KeyMessage firstKey, bool replace) => Store(TenantRules.Create(_document, tenant, firstKey, replace));

    /// <inheritdoc/>
    public Task<TenantChange> AddKey(KeyMessage key) => Store(TenantRules.AddKey(_document, key));

    /// <inheritdoc/>
    public Task<TenantChange> RevokeKey(string id) => Store(TenantRules.RevokeKey(_document, id));

    /// <inheritdoc/>
    public Task<SettingsMessage> GetSettings(string scope) => Task.FromResult(SettingsRules.Get(_document, scope));

    /// <inheritdoc/>
    public Task<SettingsMessage> GetEffectiveSettings(string? project, string? user) => Task.FromResult(SettingsRules.Effective(_document, project, user));

    /// <inheritdoc/>
    public Task<TenantChange> PutSettings(SettingsMessage settings) => Store(SettingsRules.Put(_document, settings));

    private async Task<TenantChange> Store((TenantDocument Document, TenantChange Change) step)
    {
        if (step.Change.Status is not TenantChangeStatus.Done)
        {
            return step.Change;
        }

        string json = step.Document.ToJson();
        if (json.Length > TenantLimits.MaxDocumentLength)
        {
            return TenantRules.Refused(TenantChangeStatus.LimitReached, $"{TenantLimits.MaxDocumentLength} characters of keys and settings");
        }

        TenantState before = state.State;
        state.State = new TenantState { Document = json, Version = _version + 1 };
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            // Whether it was stored is not known: the next activation reads what is true.
            state.State = before;
            DeactivateOnIdle();
            throw;
        }

        _document = step.Document;
        _version = state.State.Version;
        return step.Change;
    }
}
