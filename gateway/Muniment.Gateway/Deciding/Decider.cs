using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Gateway.Deciding.Budgets;
using Muniment.Gateway.Deciding.Prices;
using Muniment.Gateway.Ingest;
using Muniment.Gateway.Policies;
using Muniment.Messages.Budgets;
using Muniment.Messages.Tenants;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Deciding;

/// <summary>Decides with the tenant's snapshot. Thread-safe.</summary>
internal sealed class Decider(DecidingCache cache, BudgetBook budgets, IApprovalStore approvals, ITenantKeyring keyring, TimeProvider time) : IDecider
{
    /// <inheritdoc/>
    public async ValueTask<Decision> DecideAsync(DecisionCall call, Func<Verdict, Inspection> inspect, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        long nowNs = Intake.Nanoseconds(time);
        call = call with { Request = call.Request with { TimeNs = nowNs } };
        DecidingView view = await ViewAsync(call.Caller.Tenant);
        string id = DecisionIds.Create(time.GetUtcNow());
        Verdict verdict = view.Policies.Decide(call.Request);
        Inspection inspection = Inspection.None;
        if (verdict.IsPending)
        {
            inspection = inspect(verdict);
            verdict = verdict.Complete(inspection.Find);
        }

        var reserved = ImmutableArray.CreateBuilder<(CoveringLimit Limit, LocalBudget.Reservation Reservation)>();
        CoveringLimit? exceeded = null;
        DecisionApproval? approval = null;
        try
        {
            if (verdict.Effect is not PolicyEffect.Deny)
            {
                (verdict, exceeded) = await ReserveAsync(call, verdict, reserved);
            }

            if (verdict.Effect is PolicyEffect.Ask)
            {
                (verdict, approval) = await ApproveAsync(view, call, id, verdict, exceeded, inspection);
            }
        }
        catch
        {
            Release(reserved);
            throw;
        }

        if (verdict.Effect is PolicyEffect.Ask or PolicyEffect.Deny)
        {
            Release(reserved);
            reserved.Clear();
        }
        else if (!call.IsSettledLater)
        {
            foreach ((_, LocalBudget.Reservation reservation) in reserved)
            {
                reservation.Settle(reservation.Amount);
            }
        }

        Verdict response = call.IsSettledLater ? view.Policies.Decide(call.Request.AsResponse()) : verdict;
        return new Decision(
            id, call, verdict, response, inspection, approval, reserved.DrainToImmutable(), verdict.Policy == exceeded?.Policy ? exceeded : null, nowNs,
            (long)time.GetElapsedTime(start).TotalMicroseconds);
    }

    private async ValueTask<DecidingView> ViewAsync(TenantId tenant)
    {
        try
        {
            return await cache.FindAsync(tenant);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new DecidingUnavailableException("policies cannot be read at the moment", e);
        }
    }

    // The first acting limit without room decides; limits in shadow are counted and stop nothing.
    private async ValueTask<(Verdict Verdict, CoveringLimit? Exceeded)> ReserveAsync(
        DecisionCall call, Verdict verdict, ImmutableArray<(CoveringLimit Limit, LocalBudget.Reservation Reservation)>.Builder reserved)
    {
        foreach (CoveringLimit limit in verdict.Limits)
        {
            if (limit is { Mode: PolicyMode.Enforce, Limit.Unit: LimitUnit.Usd } && call.Estimate.Price is PriceKnowledge.Refused)
            {
                Verdict refused = verdict.Exceeded(limit);
                return (ReferenceEquals(refused, verdict) ? verdict : refused with { Reason = $"limit {limit.Limit.Id} is in dollars and what the model costs is not known" }, limit);
            }

            BudgetSpec spec = Spec(limit.Limit, call.Request.TimeNs);
            string key = BudgetKey.Of(limit.Policy.Id, limit.Limit.Id, limit.Subject, spec.WindowMs, spec.StartMs);
            LocalBudget.Reservation? reservation;
            try
            {
                reservation = await budgets.ReserveAsync(call.Caller.Tenant, key, spec, call.Estimate.In(limit.Limit.Unit));
            }
            catch (BudgetUnavailableException e)
            {
                throw new DecidingUnavailableException(e.Message, e);
            }

            if (reservation is not null)
            {
                reserved.Add((limit, reservation));
            }
            else if (limit.Mode is PolicyMode.Enforce)
            {
                return (verdict.Exceeded(limit), limit);
            }
        }

        return (verdict, null);
    }

    private async ValueTask<(Verdict Verdict, DecisionApproval? Approval)> ApproveAsync(
        DecidingView view, DecisionCall call, string id, Verdict verdict, CoveringLimit? exceeded, Inspection inspection)
    {
        DecisionRequest request = call.Request;
        string digest = ContentDigests.OfRequest(call.Caller.KeyId, request, keyring.Current(call.Caller.Tenant));
        ApprovalMessage answer;
        try
        {
            answer = await approvals.AskAsync(call.Caller.Tenant, new ApprovalAsk(
                digest, call.Caller.KeyId, id, request.Action, request.Target, request.Tool?.Name, request.Caller.User, request.Caller.Project, verdict.Risk,
                verdict.Policy.Id, verdict.Policy.Version, verdict.Policy.Rule, verdict.Reason));
        }
        catch (Exception e)
        {
            throw new DecidingUnavailableException("approvals cannot be asked at the moment", e);
        }

        ApprovalState state = answer.State switch { "approved" => ApprovalState.Approved, "rejected" => ApprovalState.Rejected, _ => ApprovalState.Required };
        var approval = new DecisionApproval(answer.Id, state, answer.By, answer.AtMs);
        if (state is not ApprovalState.Approved)
        {
            return (verdict, approval);
        }

        Verdict approved = view.Policies.Decide(request with { IsApproved = true });
        approved = approved.IsPending ? approved.Complete(inspection.Find) : approved;
        return (approved.Effect is PolicyEffect.Ask && exceeded is null ? verdict : approved, approval);
    }

    private static BudgetSpec Spec(PolicyLimit limit, long timeNs)
    {
        decimal amount = limit.Unit is LimitUnit.Usd ? limit.Amount * 1_000_000 : limit.Amount;
        return new BudgetSpec(
            (long)Math.Clamp(Math.Floor(amount), 0, BudgetLimits.MaxLimit), (long)limit.Window.TotalMilliseconds, limit.Sliding ? -1 : limit.WindowStart(timeNs) / 1_000_000);
    }

    private static void Release(ImmutableArray<(CoveringLimit Limit, LocalBudget.Reservation Reservation)>.Builder reserved)
    {
        foreach ((_, LocalBudget.Reservation reservation) in reserved)
        {
            reservation.Settle(0);
        }
    }
}
