using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Machine;

/// <content>What is left out because it waited too long, where the configuration says <c>on_full: expire</c>.</content>
public sealed partial class DestinationMachine
{
    /// <summary>Whether entries lie before the limit that were not looked at yet. They are counted even while the destination is paused.</summary>
    public bool Expires => State.Lanes.Exists(IsExpiring);

    /// <summary>
    /// Leaves out everything undelivered before <paramref name="before"/>: plans of which no request is under way at once, the rest as the lanes pass it, so that it is counted
    /// what was for this destination. A plan that reaches beyond the limit goes whole, later. Receipts say how much. False when nothing changed.
    /// </summary>
    /// <param name="before">First seq that stays.</param>
    /// <param name="batches">A plan's batch, or null when it is not at hand.</param>
    public bool Expire(long before, Func<PlanState, Batch?> batches)
    {
        bool changed = false;
        foreach (PlanState plan in State.Plans.Where(p => p.Replay is null && p.Last < before && !IsInFlight(p)).ToArray())
        {
            if (Waiting(plan, batches(plan)) is { } waiting)
            {
                plan.Gone = waiting;
                plan.LeftOut += new LeftOut(0, 0, 0, waiting);
                plan.Units.Clear();
                State.Plans.Remove(plan);
                Write(plan);
                changed = true;
            }
        }

        if (before > State.ExpireBefore)
        {
            State.ExpireBefore = before;
            changed |= Expires;
        }

        IsDirty |= changed;
        Tidy();
        return changed;
    }

    /// <summary>A <c>system</c> event about this many expired events is in the log.</summary>
    public void Said(long expired)
    {
        State.ExpiredSaid = expired;
        IsDirty = true;
    }

    /// <summary>A <c>system</c> event says since when it is held, or that it is no longer.</summary>
    public void SaidHold(DateTimeOffset? since)
    {
        State.HoldSaid = since;
        IsDirty = true;
    }

    private bool IsExpiring(LaneState lane) => Scan(lane).Scanned < Math.Min(State.ExpireBefore, lane.To ?? long.MaxValue);

    /// <summary>Events of a plan that were not taken yet; null when that cannot be told without its batch.</summary>
    private static int? Waiting(PlanState plan, Batch? batch)
    {
        if (batch is not null)
        {
            return plan.Units.Sum(u => Enumerable.Range(u.From, u.To - u.From).Count(i => batch.Items[i].Group == u.Group));
        }

        return plan.Units.Select(u => u.Group).Distinct().Count() == 1 && plan.Units[0].Group == 0 ? plan.Units.Sum(u => u.To - u.From) : null;
    }
}
