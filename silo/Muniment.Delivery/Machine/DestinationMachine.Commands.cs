using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Machine;

/// <content>What an administrator does.</content>
public sealed partial class DestinationMachine
{
    /// <summary>Most dead letters that wait for replay at once.</summary>
    public const int MaxReplays = 100_000;

    /// <summary>
    /// Puts a new configuration into force. Open plans keep what shaped their bytes, except those that a misconfiguration holds up: these are built again under the new one,
    /// with the same events and numbers. A new selection begins a new epoch at what was not yet planned.
    /// </summary>
    /// <param name="config">The new one.</param>
    /// <param name="version">Its version.</param>
    /// <param name="before">The one before, for plans that keep it.</param>
    /// <param name="rewired">Whether the sender no longer takes bytes of the configuration before, so that all open plans are built again.</param>
    public void Configure(DestinationConfig config, int version, JsonElement before, bool rewired = false)
    {
        IsDirty = true;
        bool held = State.Reason is { Holds: true };
        bool mended = rewired || State.Reason is { Holds: true, Code: not ReasonCode.CredentialRejected };
        foreach (PlanState plan in State.Plans)
        {
            State.Shapes.TryAdd(Version, before);
            if (mended)
            {
                plan.ShapeVersion = version;
            }
        }

        if (!config.SelectsLike(Config))
        {
            foreach (LaneState lane in State.Lanes)
            {
                Cover(lane);
            }

            State.Epoch++;
            State.NextN = 0;
        }

        _size = new SizeControl(config.Batch.FirstBytes);
        bool ordered = config.Strict && !Config.Strict;
        Config = config;
        Version = version;
        if (ordered)
        {
            Join();
        }

        if (held || State.Failures > 0)
        {
            Forgive();
        }

        Tidy();
    }

    /// <summary>Stops until <see cref="Resume"/>.</summary>
    public void Pause()
    {
        State.Paused = true;
        IsDirty = true;
    }

    /// <summary>Goes on, and tries at once whatever was waiting.</summary>
    public void Resume()
    {
        _recovered |= State.Paused;
        State.Paused = false;
        bool refusesAll = State.Reason is { RefusesAll: true };
        Forgive();
        if (refusesAll)
        {
            State.Refusals = -Config.Batch.MaxEvents; // the administrator gives a batch up
        }

        IsDirty = true;
    }

    /// <summary>
    /// Delivers everything from <paramref name="seq"/> on again, in a lane of its own. What is planned is finished first, and numbers go on, so a receiver sees repeated
    /// events and no holes. False when the seq lies beyond the position.
    /// </summary>
    public bool Rewind(long seq)
    {
        if (seq < 0 || seq > Position())
        {
            return false;
        }

        foreach (LaneState lane in State.Lanes)
        {
            Cover(lane);
            lane.To = lane.Next;
        }

        State.Lanes.Add(new LaneState { Name = $"main-{State.NextLane++}", From = seq, Next = seq });
        IsDirty = true;
        Tidy();
        return true;
    }

    /// <summary>Queues dead letters to be sent again, oldest first; returns how many were queued.</summary>
    public int Replay(IEnumerable<ReplayItem> items)
    {
        HashSet<long> queued = [.. State.Replays.Select(r => r.Seq), .. State.Plans.Where(p => p.Replay is not null).SelectMany(p => p.Replay!).Select(r => r.Seq)];
        int count = 0;
        foreach (ReplayItem item in items.OrderBy(i => i.Seq))
        {
            if (State.Replays.Count < MaxReplays && queued.Add(item.Seq))
            {
                State.Replays.Add(new ReplayState { Seq = item.Seq, Epoch = item.Epoch, N = item.N });
                count++;
            }
        }

        IsDirty |= count > 0;
        return count;
    }

    /// <summary>Makes the next plan of queued replays; the caller builds its batch.</summary>
    public PlanState? PlanReplay()
    {
        if (State.Replays.Count == 0 || State.Plans.Exists(p => p.Replay is not null))
        {
            return null;
        }

        // A plan reads the log from its first seq to its last, so far apart ones go separately.
        List<ReplayState> items = [State.Replays[0]];
        for (int i = 1; i < State.Replays.Count && items.Count < Config.Batch.MaxEvents && State.Replays[i].Seq - items[0].Seq < 16 * 4096 && State.Replays[i].Epoch == items[0].Epoch; i++)
        {
            items.Add(State.Replays[i]);
        }

        State.Replays.RemoveRange(0, items.Count);
        PlanState plan = new()
        {
            Id = State.NextPlan++, Lane = $"replay-{State.NextLane++}", First = items[0].Seq, Last = items[^1].Seq, BuildFrom = items[0].Seq, Epoch = items[0].Epoch, FirstN = items[0].N,
            Events = items.Count, SelectionVersion = Version, ShapeVersion = Version, Started = _time.GetUtcNow(), Replay = items,
        };
        State.Plans.Add(plan);
        IsDirty = true;
        return plan;
    }

    /// <summary>The batch of a plan was built (again): fills in what depends on it. A plan whose events are all gone is settled.</summary>
    public void Built(PlanState plan, Batch batch)
    {
        if (plan.Digest.Length == 0 || plan.Units.Count == 0)
        {
            plan.Units = UnitsOf(batch);
            plan.Events = batch.Items.Count;
            plan.Bytes = batch.Bytes.Length;
            IsDirty = true;
        }

        if (batch.Items.Count < plan.Events)
        {
            // Retention or erasure took events after they were planned: the rest goes out, the loss is said.
            plan.LeftOut += new LeftOut(0, 0, 0, plan.Events - batch.Items.Count);
            plan.Events = batch.Items.Count;
            plan.Units = UnitsOf(batch);
            IsDirty = true;
        }

        string digest = Convert.ToHexStringLower(batch.Digest.Span);
        if (plan.Digest != digest)
        {
            plan.Digest = digest;
            plan.Bytes = batch.Bytes.Length;
            plan.Redacted = batch.Redacted is null ? null : new(batch.Redacted);
            IsDirty = true;
        }

        Settle(plan, batch);
    }

    /// <summary>What to build for a plan, now or after a restart.</summary>
    public BatchRequest RequestOf(PlanState plan, Func<int, DestinationConfig> configOf) => new()
    {
        Selection = plan.SelectionVersion == Version ? Config : configOf(plan.SelectionVersion),
        Shape = plan.ShapeVersion == Version ? Config : configOf(plan.ShapeVersion),
        From = plan.BuildFrom, To = plan.Last + 1, FirstN = plan.FirstN, Epoch = plan.Epoch, Filter = plan.Filter, Exact = true,
        ExpireBefore = plan.ExpireBefore, Cut = [.. plan.Cut],
        Replay = plan.Replay is null ? [] : [.. plan.Replay.Select(r => new ReplayItem(r.Seq, r.Epoch, r.N))],
    };

    /// <summary>Most bytes of the next request.</summary>
    public int RequestBytes => _size.Limit(Config.Batch.MaxBytes);

    /// <summary>What to build next in a lane.</summary>
    public BatchRequest RequestOf(LaneState lane, long size) => new()
    {
        Selection = Config, Shape = Config, From = Scan(lane).Scanned, To = Math.Min(lane.To ?? long.MaxValue, size), FirstN = State.NextN, Epoch = State.Epoch, Filter = lane.Filter, ExpireBefore = State.ExpireBefore,
        MaxBytes = RequestBytes,
    };

    /// <summary>Whatever went wrong is forgotten, and the next attempt is made now.</summary>
    private void Forgive()
    {
        _recovered |= State.Failures > 0;
        State.Reason = null;
        State.Failures = 0;
        State.NextAttempt = null;
        State.Circuit.Reset();
        State.Refusals = 0;
    }
}
