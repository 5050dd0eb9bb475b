using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Administration;
using Muniment.Grains.Administration;
using Muniment.Grains.Tenants;
using Muniment.Journal;
using Muniment.Messages.Administration;
using Muniment.Messages.Tenants;

namespace Muniment.Grains.Approvals;

/// <summary>A tenant's approvals: loads them, applies <see cref="ApprovalRules"/>, stores, answers. A word is stored together with its admin event and answered when that is recorded.</summary>
[GrainType("approvals")]
public sealed class ApprovalsGrain : Grain, IApprovalsGrain
{
    private readonly IPersistentState<TenantState> _state;
    private readonly TimeProvider _time;
    private readonly AdminOutbox _outbox;

    // Written by one request at a time; readers interleave and see the old document until the new one is stored.
    private ApprovalDocument _document = new();

    /// <summary>Made by the silo.</summary>
    public ApprovalsGrain([PersistentState("approvals", TenantState.StorageName)] IPersistentState<TenantState> state, IAdminRecorder recorder, TimeProvider time)
    {
        _state = state;
        _time = time;
        _outbox = new AdminOutbox(
            recorder,
            () => Task.FromResult(_document.Outbox),
            ids => StoreAsync(_document with { Outbox = [.. _document.Outbox.Where(entry => !ids.Contains(entry.Id))] }));
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <inheritdoc/>
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _document = ApprovalDocument.Parse(_state.State.Document);
        if (!_document.Outbox.IsEmpty)
        {
            _outbox.RetryLater(this, TimeSpan.Zero);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task<ApprovalMessage> Ask(ApprovalAsk ask)
    {
        (ApprovalDocument next, ApprovalMessage answer) = ApprovalRules.Ask(_document, ask, Guid.CreateVersion7(_time.GetUtcNow()).ToString(), NowMs);
        if (next != _document)
        {
            await StoreAsync(next);
        }

        return answer;
    }

    /// <inheritdoc/>
    public async Task<TenantChange> Decide(string id, bool approve, ActMessage act)
    {
        if (!await _outbox.DrainAsync())
        {
            return TenantRules.Refused(TenantChangeStatus.Unrecorded, "an earlier change is not yet recorded in the journal, so this one was not made");
        }

        (ApprovalDocument next, TenantChange change) = ApprovalRules.Decide(_document, id, approve, act, NowMs);
        if (change.Status is not TenantChangeStatus.Done)
        {
            return change;
        }

        AdminAct own = act.ToAct() with { Tenant = TenantId.Parse(this.GetPrimaryKeyString()) };
        await StoreAsync(next with { Outbox = next.Outbox.Add(OutboxEntry.Of(own, change.Before, change.After)) });
        Failpoints.Pass(Failpoints.BeforeRecord);
        if (await _outbox.DrainAsync())
        {
            return change;
        }

        _outbox.RetryLater(this, AdminOutbox.RetryEvery);
        return TenantRules.Unrecorded(change);
    }

    /// <inheritdoc/>
    public Task<ApprovalMessage?> Find(string id) => Task.FromResult(_document.Approvals.GetValueOrDefault(id));

    /// <inheritdoc/>
    public Task<ImmutableArray<ApprovalMessage>> List(string? after, int limit) => Task.FromResult<ImmutableArray<ApprovalMessage>>(
        [.. _document.Approvals.Values.Where(approval => after is null || string.CompareOrdinal(approval.Id, after) > 0).Take(limit)]);

    private async Task StoreAsync(ApprovalDocument document)
    {
        TenantState before = _state.State;
        _state.State = new TenantState { Document = document.ToJson(), Version = before.Version + 1 };
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
    }
}
