using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;

namespace Muniment.Delivery.Machine;

/// <summary>
/// Decides for one destination; does nothing itself. Commands and answers go in, <see cref="State"/> and <see cref="Pending"/> come out and are stored by the caller before it
/// acts on them.
/// <code>
///   lane ─► Plan ─► (stored) ─► request ─► Answer ─┬─ Delivered ───────────────► receipt, position moves
///            ▲                                     ├─ Partial ─► dead letters, rest again
///            │                                     ├─ TooLarge ─► halves ── one event alone ─► dead letter
///            │                                     ├─ BadRecord ─► halves or the named one ──► dead letter
///            │                                     ├─ RetryLater ─► same unit after backoff
///            └────────────── settled ◄─────────────┴─ CredentialRejected, Misconfigured ─► held, asked every 60 s
/// </code>
/// Owner of every field: the one caller; not thread-safe.
/// </summary>
public sealed partial class DestinationMachine
{
    /// <summary>How often a held destination is asked.</summary>
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(60);

    /// <summary>Entries looked at and left out after which a receipt without events is written.</summary>
    public const long MaxUncoveredScan = 1_000_000;

    private readonly TimeProvider _time;
    private readonly Func<double> _random;
    private readonly Dictionary<string, (long Scanned, LeftOut LeftOut)> _scans = [];
    private readonly Dictionary<(long Plan, int From, byte Group), long> _inFlight = []; // with the number of the request
    private readonly RateGate _rate = new();
    private readonly ConcurrencyControl _concurrency;
    private SizeControl _size;
    private long _requests;
    private long _failedAt = -1; // requests started before this number were under way when one failed

    /// <summary>Goes on from a stored state.</summary>
    public DestinationMachine(DestinationState state, DestinationConfig config, int version, TimeProvider time, Func<double> random)
    {
        State = state;
        Config = config;
        Version = version;
        _time = time;
        _random = random;
        _concurrency = new ConcurrencyControl(state.Concurrency);
        _size = new SizeControl(config.Batch.FirstBytes);
    }

    /// <summary>What must be stored.</summary>
    public DestinationState State { get; }

    /// <summary>What must be stored with it; emptied by <see cref="Stored"/>.</summary>
    public Changes Pending { get; private set; } = new();

    /// <summary>The configuration in force.</summary>
    public DestinationConfig Config { get; private set; }

    /// <summary>Its version.</summary>
    public int Version { get; private set; }

    /// <summary>Whether something changed since <see cref="Stored"/>.</summary>
    public bool IsDirty { get; private set; }

    /// <summary>Requests that were started and not answered.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>Whether a request of this plan was started and not answered.</summary>
    public bool IsInFlight(PlanState plan) => _inFlight.Keys.Any(f => f.Plan == plan.Id);

    /// <summary>Whether the circuit is open or half open.</summary>
    public bool CircuitOpen => State.Circuit.Open;

    /// <summary>Requests that may be in flight at once now: one under <c>strict</c>, with an open circuit and while held, else what the destination was seen to bear.</summary>
    public int Concurrency => CircuitOpen || State.Reason is { Holds: true } ? 1 : Math.Min(Config.InFlight, (int)_concurrency.Limit);

    /// <summary>What the outside sees.</summary>
    public DeliveryCondition Condition =>
        !Config.Enabled ? DeliveryCondition.Disabled
        : State.Paused || State.Reason is { Holds: true } ? DeliveryCondition.Paused
        : State.Failures > 0 ? DeliveryCondition.BackingOff
        : DeliveryCondition.Running;

    /// <summary>State of a destination that is made now.</summary>
    public static DestinationState Begin(long start)
    {
        DestinationState state = new() { NextLane = 1 };
        state.Lanes.Add(new LaneState { Name = "main", From = start, Next = start });
        return state;
    }

    /// <summary>The caller stored state and changes.</summary>
    public void Stored()
    {
        Pending = new Changes();
        IsDirty = false;
    }

    /// <summary>When the next attempt may be made: now or a time; null when nothing will happen without a command.</summary>
    public DateTimeOffset? MayAct()
    {
        if (!Config.Enabled || State.Paused || State.Deleted)
        {
            return null;
        }

        DateTimeOffset now = _time.GetUtcNow();
        DateTimeOffset next = State.NextAttempt is { } attempt && attempt > _rate.Opens ? attempt : _rate.Opens;
        return next > now ? next : now;
    }

    /// <summary>Requests that may be started now, oldest plan first, at most one of a plan at a time. They count as started.</summary>
    /// <param name="ready">Whether a plan's batch is at hand; a plan that is not ready holds back younger ones only under <c>strict</c>.</param>
    public IReadOnlyList<(PlanState Plan, UnitState Unit)> TakeRequests(Func<PlanState, bool> ready)
    {
        List<(PlanState, UnitState)> taken = [];
        if (MayAct() is not { } when || when > _time.GetUtcNow())
        {
            return taken;
        }

        int limit = Concurrency;
        foreach (PlanState plan in State.Plans)
        {
            if (_inFlight.Count >= limit || _rate.Opens > _time.GetUtcNow())
            {
                break;
            }

            if (IsInFlight(plan))
            {
                continue;
            }

            if (plan.Units.Count == 0 || !ready(plan))
            {
                if (Config.Strict)
                {
                    break;
                }

                continue;
            }

            UnitState unit = plan.Units[0];
            _inFlight.Add((plan.Id, unit.From, unit.Group), _requests++);
            _concurrency.Started(_inFlight.Count);
            _rate.Took(unit.To - unit.From, plan.Bytes * (unit.To - unit.From) / Math.Max(1, plan.Events), Config.Batch.EventsPerSecond, Config.Batch.BytesPerSecond, _time.GetUtcNow());
            taken.Add((plan, unit));
        }

        return taken;
    }

    /// <summary>Where a lane stands: first seq that is neither in a plan nor looked at.</summary>
    public (long Scanned, LeftOut LeftOut) Scan(LaneState lane) =>
        _scans.TryGetValue(lane.Name, out (long Scanned, LeftOut LeftOut) scan) && scan.Scanned >= lane.Next ? scan : (lane.Next, default);

    /// <summary>
    /// Takes a built batch over: writes its plan down, or remembers that nothing was for this destination. Returns the plan, or null when the batch had no events.
    /// </summary>
    public PlanState? Plan(LaneState lane, Batch batch)
    {
        (long scanned, LeftOut leftOut) = Scan(lane);
        if (batch.First != scanned || batch.Last < batch.First)
        {
            return null; // looked at nothing new
        }

        if (batch.Last >= lane.To || batch.Filter != lane.Filter)
        {
            return null; // built before the lane was ended: what lies beyond belongs to another lane now
        }

        leftOut += batch.LeftOut;
        if (batch.Items.Count == 0)
        {
            _scans[lane.Name] = (batch.Last + 1, leftOut);
            if (batch.Last + 1 - lane.Next >= MaxUncoveredScan || batch.Last + 1 >= lane.To || leftOut.Retention > 0)
            {
                Cover(lane);
                Tidy();
            }

            return null;
        }

        PlanState plan = new()
        {
            Id = State.NextPlan++, Lane = lane.Name, First = lane.Next, Last = batch.Last, BuildFrom = batch.First, Epoch = State.Epoch, FirstN = State.NextN,
            Events = batch.Items.Count, Bytes = batch.Bytes.Length, LeftOut = leftOut, Filter = lane.Filter, Digest = Convert.ToHexStringLower(batch.Digest.Span),
            SelectionVersion = Version, ShapeVersion = Version, Started = _time.GetUtcNow(), Units = UnitsOf(batch), ExpireBefore = State.ExpireBefore,
            Redacted = batch.Redacted is null ? null : new(batch.Redacted),
        };
        State.NextN += plan.Events;
        _turn++;
        lane.Next = plan.Last + 1;
        _scans.Remove(lane.Name);
        State.Plans.Add(plan);
        IsDirty = true;
        return plan;
    }

    /// <summary>Writes a receipt without events for what was looked at and left out, so that receipts reach as far as the position.</summary>
    public void Cover(LaneState lane)
    {
        (long scanned, LeftOut leftOut) = Scan(lane);
        if (scanned <= lane.Next)
        {
            return;
        }

        PlanState empty = new()
        {
            Lane = lane.Name, First = lane.Next, Last = scanned - 1, Epoch = State.Epoch, LeftOut = leftOut, ShapeVersion = Version, Started = _time.GetUtcNow(),
            Digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([])),
        };
        lane.Next = scanned;
        _scans.Remove(lane.Name);
        Write(empty);
    }

    /// <summary>Position of the outside contract: the lowest seq not settled.</summary>
    public long Position()
    {
        long position = long.MaxValue;
        foreach (LaneState lane in State.Lanes)
        {
            position = Math.Min(position, PositionOf(lane));
        }

        return position;
    }

    /// <summary>Lowest seq of a lane that is not settled.</summary>
    public long PositionOf(LaneState lane)
    {
        long position = Scan(lane).Scanned;
        foreach (PlanState plan in State.Plans)
        {
            if (plan.Lane == lane.Name)
            {
                position = Math.Min(position, plan.First);
            }
        }

        return position;
    }

    private static List<UnitState> UnitsOf(Batch batch)
    {
        SortedSet<byte> groups = [];
        int last = -1; // neighbours are mostly of one group
        foreach (ref readonly BatchItem item in batch.Items.Span)
        {
            if (item.Group != last)
            {
                groups.Add(item.Group);
                last = item.Group;
            }
        }

        return [.. groups.Select(g => new UnitState { Group = g, From = 0, To = batch.Items.Count })];
    }

    private void Write(PlanState plan)
    {
        Receipt receipt = Receipt.Create(State.Receipts++, plan, State.LastReceipt, _time.GetUtcNow());
        State.LastReceipt = receipt.Hash;
        State.Expired += plan.LeftOut.Retention;
        Pending.Receipts.Add(receipt);
        IsDirty = true;
    }
}

/// <summary>States of the outside contract.</summary>
public enum DeliveryCondition
{
    /// <summary>Delivering, or waiting for events.</summary>
    Running,
    /// <summary>Waiting before the next attempt.</summary>
    BackingOff,
    /// <summary>By an administrator, or because the destination refuses; everything is kept.</summary>
    Paused,
    /// <summary>Configured not to deliver.</summary>
    Disabled,
}
