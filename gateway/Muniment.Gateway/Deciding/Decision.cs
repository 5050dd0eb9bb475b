using System.Collections.Immutable;
using Muniment.Gateway.Deciding.Budgets;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Deciding;

/// <summary>A decided call, from the verdict on its request to the record of its answer. Belongs to that call; not thread-safe.</summary>
public sealed class Decision
{
    private readonly ImmutableArray<(CoveringLimit Limit, LocalBudget.Reservation Reservation)> _reservations;
    private ImmutableArray<LimitUse> _settled = [];
    private Records.PendingRecord? _requestRecord;

    internal Decision(
        string id, DecisionCall call, Verdict verdict, Verdict response, Inspection inspection, DecisionApproval? approval,
        ImmutableArray<(CoveringLimit Limit, LocalBudget.Reservation Reservation)> reservations, CoveringLimit? exceeded, long startedNs, long durationUs)
    {
        Id = id;
        Call = call;
        Verdict = verdict;
        Response = response;
        Inspection = inspection;
        Approval = approval;
        Exceeded = exceeded;
        StartedNs = startedNs;
        DurationUs = durationUs;
        _reservations = reservations;
    }

    /// <summary>The decision id, a UUID version 7 of this gateway.</summary>
    public string Id { get; }

    /// <summary>What was decided.</summary>
    public DecisionCall Call { get; }

    /// <summary>The verdict on the request; complete.</summary>
    public Verdict Verdict { get; }

    /// <summary>The verdict on the answer before anything of it is known: which detectors must run on it (<c>LookFor</c>, <c>RedactWith</c>). Complete it with what they found.</summary>
    public Verdict Response { get; }

    /// <summary>What the inspection of the request found.</summary>
    public Inspection Inspection { get; }

    /// <summary>The approval that it had, or that it needs; null when no rule asks for one.</summary>
    public DecisionApproval? Approval { get; }

    /// <summary>The limit that was used up and decided; null when none did. Over llm and mcp this is 429, not 403.</summary>
    public CoveringLimit? Exceeded { get; }

    /// <summary>Whether it may pass, as it is or changed.</summary>
    public bool MayPass => Verdict.Effect is PolicyEffect.Allow or PolicyEffect.Modify or PolicyEffect.Redact;

    /// <summary>The reason as callers see it: <c>approval_required</c> while a second person must approve, else the rule's own.</summary>
    public string? Reason => Approval switch
    {
        { State: ApprovalState.Required } when !MayPass => "approval_required",
        { State: ApprovalState.Rejected } when !MayPass => "approval_rejected",
        _ => Verdict.Reason,
    };

    /// <summary>When it was decided, Unix ns.</summary>
    public long StartedNs { get; }

    /// <summary>How long deciding took.</summary>
    public long DurationUs { get; }

    /// <summary>Where the record of the request stands; -1 before it is durable.</summary>
    public long Seq { get; internal set; } = -1;

    /// <summary>The record of the request while it is on its way; null before, and again once <see cref="Seq"/> is there. Whoever reads both, reads this one first.</summary>
    internal Records.PendingRecord? RequestRecord
    {
        get => Volatile.Read(ref _requestRecord);
        set => Volatile.Write(ref _requestRecord, value);
    }

    /// <summary>What was reserved from limits, or used where nothing is settled later; for the record of the request.</summary>
    internal ImmutableArray<LimitUse> Reserved =>
        [.. _reservations.Select(r => new LimitUse(r.Limit, r.Reservation.Key, r.Reservation.Amount, !Call.IsSettledLater))];

    /// <summary>What was used of limits; for the record of the answer. Empty before <see cref="Settle"/>.</summary>
    internal ImmutableArray<LimitUse> Used => _settled;

    /// <summary>Replaces what was reserved by what was used. To be called once, before the answer is recorded, also for a call that failed half way.</summary>
    public void Settle(DecisionCost used)
    {
        if (_settled.IsEmpty)
        {
            _settled = [.. _reservations.Select(r => new LimitUse(r.Limit, r.Reservation.Key, used.In(r.Limit.Limit.Unit), true))];
            foreach ((CoveringLimit limit, LocalBudget.Reservation reservation) in _reservations)
            {
                reservation.Settle(used.In(limit.Limit.Unit));
            }
        }
    }

    /// <summary>Gives back what was reserved: nothing was used, nothing is recorded as used.</summary>
    public void Release()
    {
        if (_settled.IsEmpty)
        {
            _settled = [.. _reservations.Select(r => new LimitUse(r.Limit, r.Reservation.Key, 0, true))];
            foreach ((_, LocalBudget.Reservation reservation) in _reservations)
            {
                reservation.Settle(0);
            }
        }
    }
}

/// <summary>What a call reserved or used of one limit.</summary>
/// <param name="Limit">The limit.</param>
/// <param name="Key">Name of its window.</param>
/// <param name="Amount">How much, in the unit of budgets.</param>
/// <param name="IsUsed">Whether it was used, not only reserved.</param>
internal readonly record struct LimitUse(CoveringLimit Limit, string Key, long Amount, bool IsUsed);
