using Muniment.Delivery.Batches;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Machine;

/// <content>What an answer does.</content>
public sealed partial class DestinationMachine
{
    /// <summary>Takes one answer.</summary>
    /// <param name="plan">Of which plan.</param>
    /// <param name="unit">To which part of it.</param>
    /// <param name="batch">The plan's batch, for the ids and sizes of dead letters.</param>
    /// <param name="outcome">The answer.</param>
    /// <param name="took">How long the exchange took; a destination that grows slower gets fewer requests at once.</param>
    public void Answer(PlanState plan, UnitState unit, Batch batch, DeliveryOutcome outcome, TimeSpan took = default)
    {
        _inFlight.Remove((plan.Id, unit.From, unit.Group), out long number);
        IsDirty = true;
        plan.Attempts++;
        if (outcome is { Kind: OutcomeKind.Misconfigured, Rejected.Length: > 0 } && (plan.Replay is not null || State.Refusals < 0))
        {
            // A replay of what is refused again must not hold the rest, and after a resume a batch is given up.
            outcome = DeliveryOutcome.Partial("", outcome.Message, outcome.Rejected, []);
        }

        State.Outcomes[(int)outcome.Kind]++;
        switch (outcome.Kind)
        {
            case OutcomeKind.RetryLater:
                Failed(number);
                State.Circuit.Failed(State.Failures);
                Learn(pushedBack: true, took);
                Later(outcome.Delay ?? Backoff.Next(CircuitOpen ? Math.Max(State.Failures, CircuitState.Consecutive) : State.Failures, _random()));
                Because(outcome, holds: false);
                return;
            case OutcomeKind.CredentialRejected or OutcomeKind.Misconfigured:
                Failed(number);
                Later(ProbeInterval);
                Because(outcome, holds: true);
                State.Reason!.RefusesAll = outcome.Rejected.Length > 0;
                return;
        }

        BatchSlice slice = new(batch, unit.Group, unit.From, unit.To);
        long refused = RefusedBy(plan, slice, outcome);
        if (refused > 0 && State.Refusals + refused > Config.Batch.MaxRefusals)
        {
            // It is not the events: what would be a dead letter too many is kept and asked for again.
            Failed(number);
            Later(ProbeInterval);
            Because(RefusesEverything(outcome), holds: true);
            State.Reason!.RefusesAll = true;
            return;
        }

        State.Refusals = refused > 0 ? State.Refusals + refused : Takes(slice, outcome) ? 0 : State.Refusals;

        // Any other answer shows that the destination is there and takes requests; one to a request that was under way when another failed says nothing about the time after.
        Learn(pushedBack: outcome.Again.Length > 0, took);
        if (number >= _failedAt)
        {
            State.Circuit.Worked();
            _recovered |= State.Failures > 0;
            State.Failures = 0;
            State.NextAttempt = null;
            State.Reason = null;
        }

        if (outcome.Response.Length > 0)
        {
            plan.Response = outcome.Response;
        }

        plan.Units.Remove(unit);
        switch (outcome.Kind)
        {
            case OutcomeKind.Delivered:
                Took(slice.Count);
                if (_size.Taken(slice.SizeBytes, Config.Batch.MaxBytes))
                {
                    _concurrency.Forget();
                }

                break;
            case OutcomeKind.Partial:
                Part(plan, slice, outcome);
                if (outcome.Again.Length > 0)
                {
                    _failedAt = _requests; // what is under way does not end the wait
                    Later(Backoff.Next(1, _random()));
                }

                break;
            case OutcomeKind.TooLarge when slice.Count > 1:
                _size.Refused(slice.SizeBytes);
                Halve(plan, unit, slice);
                break;
            case OutcomeKind.TooLarge when MayCut(plan, slice):
                plan.Cut.Add(slice[0].Seq); // the batch no longer fits the plan: the caller builds it again
                plan.Units.Insert(0, unit);
                return;
            case OutcomeKind.BadRecord when slice.Count > 1:
                Isolate(plan, unit, slice, outcome.BadIndex);
                break;
            default:
                Bury(plan, slice[0], outcome.Code ?? ReasonCode.DestinationError, outcome.Status, outcome.Message);
                break;
        }

        Settle(plan, batch);
    }

    /// <summary>How many events are given up by an answer that takes none, where that may be the destination's own fault.</summary>
    private long RefusedBy(PlanState plan, BatchSlice slice, DeliveryOutcome outcome)
    {
        if (plan.Replay is not null || outcome.Foreseen)
        {
            return 0; // they are dead letters already, or the cause is known
        }

        return outcome.Kind switch
        {
            OutcomeKind.BadRecord when slice.Count == 1 => 1,
            OutcomeKind.TooLarge when slice.Count == 1 && !MayCut(plan, slice) => 1,
            OutcomeKind.Partial when outcome.Again.Length == 0 && outcome.Rejected.Length + outcome.UnnamedRejections >= slice.Count => slice.Count,
            _ => 0,
        };
    }

    private static bool Takes(BatchSlice slice, DeliveryOutcome outcome) =>
        outcome.Kind == OutcomeKind.Delivered || (outcome.Kind == OutcomeKind.Partial && outcome.Rejected.Length + outcome.UnnamedRejections + outcome.Again.Length < slice.Count);

    private bool MayCut(PlanState plan, BatchSlice slice) =>
        Config.Batch.CutsOversize && !Config.IsRaw && plan.Replay is null && !plan.Cut.Contains(slice[0].Seq);

    private DeliveryOutcome RefusesEverything(DeliveryOutcome last) => DeliveryOutcome.Misconfigured(
        State.Refusals > 0
            ? $"the destination refused {State.Refusals} events one after the other and took none between; the next it refused too: {last.Message}"
            : $"the destination refused every event of a request and took none: {last.Message}",
        "check format, options and path: everything from here on is kept; resume lets a batch more become dead letters, replay sends them again", status: last.Status);

    /// <summary>Several requests that were under way together and fail together are one failure in a row.</summary>
    private void Failed(long number)
    {
        if (number >= _failedAt || State.Failures == 0)
        {
            State.Failures++;
        }

        _failedAt = _requests;
    }

    private void Later(TimeSpan delay)
    {
        DateTimeOffset next = _time.GetUtcNow() + delay;
        State.NextAttempt = State.NextAttempt is { } set && set > next ? set : next;
    }

    private void Learn(bool pushedBack, TimeSpan took)
    {
        _concurrency.Ended(pushedBack, took, _time.GetUtcNow(), Math.Max(1, Config.InFlight));
        State.Concurrency = _concurrency.Limit;
    }

    private void Took(long events)
    {
        State.Delivered += events;
        State.LastSuccess = _time.GetUtcNow();
    }

    private void Part(PlanState plan, BatchSlice slice, DeliveryOutcome outcome)
    {
        foreach (ItemRejection rejection in outcome.Rejected)
        {
            Bury(plan, slice[rejection.Index], ReasonCode.DestinationError, outcome.Status, rejection.Message);
        }

        // Runs of neighbours become one unit each, before everything younger.
        int at = 0;
        for (int i = 0; i < outcome.Again.Length; i++)
        {
            int start = i;
            while (i + 1 < outcome.Again.Length && outcome.Again[i + 1] == outcome.Again[i] + 1)
            {
                i++;
            }

            plan.Units.Insert(at++, new UnitState { Group = slice.Group, From = slice.PositionOf(outcome.Again[start]), To = slice.PositionOf(outcome.Again[i]) + 1 });
        }

        Took(slice.Count - outcome.Rejected.Length - outcome.Again.Length - Math.Min(outcome.UnnamedRejections, slice.Count));
    }

    private static void Halve(PlanState plan, UnitState unit, BatchSlice slice)
    {
        int middle = slice.PositionOf(slice.Count / 2);
        plan.Units.Insert(0, new UnitState { Group = unit.Group, From = unit.From, To = middle });
        plan.Units.Insert(1, new UnitState { Group = unit.Group, From = middle, To = unit.To });
    }

    /// <summary>The named record goes alone, so that it is believed only when it fails alone; without a name, halves: 2 · log2(n) requests for one bad record.</summary>
    private static void Isolate(PlanState plan, UnitState unit, BatchSlice slice, int? bad)
    {
        if (bad is not { } index || index < 0 || index >= slice.Count)
        {
            Halve(plan, unit, slice);
            return;
        }

        int position = slice.PositionOf(index);
        int at = 0;
        if (index > 0)
        {
            plan.Units.Insert(at++, new UnitState { Group = unit.Group, From = unit.From, To = position });
        }

        plan.Units.Insert(at++, new UnitState { Group = unit.Group, From = position, To = position + 1 });
        if (index < slice.Count - 1)
        {
            plan.Units.Insert(at, new UnitState { Group = unit.Group, From = position + 1, To = unit.To });
        }
    }

    private void Bury(PlanState plan, BatchItem item, string code, int? status, string message)
    {
        DateTimeOffset now = _time.GetUtcNow();
        long epoch = plan.Replay?.FirstOrDefault(r => r.Seq == item.Seq)?.Epoch ?? plan.Epoch;
        Pending.DeadLetters.Add(new DeadLetter(item.Seq, item.Id, epoch, item.N, code, status, message, 1, now, now, item.Length));
        plan.Dead++;
        if (plan.Replay is null)
        {
            State.DeadLetters++;
        }
        else
        {
            plan.Buried.Add(item.Seq);
        }
    }

    private void Settle(PlanState plan, Batch batch)
    {
        if (plan.Units.Count > 0)
        {
            return;
        }

        State.Plans.Remove(plan);
        Write(plan);
        if (plan.Replay is not null)
        {
            foreach (BatchItem item in batch.Items)
            {
                if (!plan.Buried.Contains(item.Seq))
                {
                    Pending.Redeemed.Add(item.Seq);
                    State.DeadLetters--;
                }
            }
        }

        Tidy();
    }

    private void Because(DeliveryOutcome outcome, bool holds)
    {
        DateTimeOffset since = State.Reason is { } before && before.Code == outcome.Code ? before.Since : _time.GetUtcNow();
        State.Reason = new ReasonState { Code = outcome.Code!, Message = outcome.Message, Hint = outcome.Hint ?? HintOf(outcome.Code!, outcome.Status), Since = since, Holds = holds };
    }

    /// <summary>What to do where the kind knows nothing better. Every reason says something.</summary>
    private static string HintOf(string code, int? status) => code switch
    {
        ReasonCode.Unreachable => "check the network path, the port, and that the destination is up; delivery goes on by itself",
        ReasonCode.RateLimited => "the destination limits the rate; lower batch.max_events_per_s, or raise its limit",
        ReasonCode.DestinationError when status is { } seen => $"the destination answers {seen}: check its own health and log; delivery goes on by itself",
        ReasonCode.DestinationError => "check the destination's own health and log; delivery goes on by itself",
        ReasonCode.CredentialRejected => "put a valid credential into the configuration; everything is kept meanwhile",
        ReasonCode.TlsFailed => "check certificate, authority (tls.ca_pem) and name",
        _ => "check endpoint and options; everything is kept meanwhile",
    };

    private void Tidy()
    {
        State.Lanes.RemoveAll(l => l.To is { } to && Scan(l).Scanned >= to && l.Next >= to && State.Plans.TrueForAll(p => p.Lane != l.Name));
        HashSet<int> used = [.. State.Plans.SelectMany(p => (int[])[p.ShapeVersion, p.SelectionVersion])];
        foreach (int version in State.Shapes.Keys.Where(v => !used.Contains(v)).ToArray())
        {
            State.Shapes.Remove(version);
        }
    }
}
