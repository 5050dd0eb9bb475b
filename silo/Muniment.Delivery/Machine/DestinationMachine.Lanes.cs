using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Machine;

/// <content>Lanes: what is new and what was denied go before the rest of a backlog.</content>
public sealed partial class DestinationMachine
{
    /// <summary>Under <c>relaxed</c>, a lag above this makes a lane of its own for what is new, and one for what was denied.</summary>
    public const long BacklogThreshold = 20_000;

    /// <summary>After failures or a pause a smaller backlog makes lanes too: two batches, but not under this.</summary>
    public const long LeastBacklog = 100;

    /// <summary>Most lanes at once: a destination that falls behind again and again keeps its last lane long.</summary>
    public const int MaxLanes = 16;

    private const int NewLanes = 5; // at most, by one split

    /// <summary>Who goes first in each of four turns; whoever has nothing to send gives its turn to the next in the order live, denied, backlog.</summary>
    private static readonly int[] Turns = [0, 1, 0, 2];

    private int _turn;
    private bool _recovered;

    /// <summary>The lag above which lanes are made.</summary>
    public long SplitAfter { get; init; } = BacklogThreshold;

    /// <summary>Whether another plan may be decided. No earlier than a request for it can go out, so that what is newest then is chosen.</summary>
    public bool MayPlan => State.Plans.Count < Concurrency;

    /// <summary>
    /// The backlog that is to get lanes now, without the batch of what is newest: under <c>relaxed</c>, and behind by more than the threshold, which is lower just after an outage.
    /// Null when there is none.
    /// </summary>
    public (long From, long To)? Backlog(long size)
    {
        long threshold = _recovered ? Math.Min(SplitAfter, Math.Max(LeastBacklog, 2L * Config.Batch.MaxEvents)) : SplitAfter;
        _recovered = false;
        if (Config.Strict || State.Lanes.Count > MaxLanes - NewLanes || State.Lanes.Find(l => l.To is null) is not { } open)
        {
            return null;
        }

        long from = Scan(open).Scanned;
        return size - from > threshold ? (from, Math.Max(from, size - Config.Batch.MaxEvents)) : null;
    }

    /// <summary>
    /// Gives a <see cref="Backlog"/> its lanes: what is new gets one, what was denied in the backlog gets one, and both go before the rest. Where nothing was denied the rest is no
    /// matter of two lanes, and is read once: what an index may have missed there goes out with it.
    /// </summary>
    /// <param name="backlog">As asked for just now.</param>
    /// <param name="denied">Between which seqs something may have been denied.</param>
    public void Split((long From, long To) backlog, (long From, long To) denied)
    {
        LaneState open = State.Lanes.Find(l => l.To is null)!;
        Cover(open);
        open.To = backlog.From;
        int number = State.NextLane++;
        State.Lanes.Add(new LaneState { Name = $"live-{number}", From = backlog.To, Next = backlog.To });
        denied = (Math.Clamp(denied.From, backlog.From, backlog.To), Math.Clamp(denied.To, backlog.From, backlog.To));
        if (denied.From < denied.To)
        {
            State.Lanes.Add(new LaneState { Name = $"denied-{number}", From = denied.From, Next = denied.From, To = denied.To, Filter = LaneFilter.Denied });
            AddWhole(backlog.From, denied.From);
            State.Lanes.Add(new LaneState { Name = $"backlog-{number}", From = denied.From, Next = denied.From, To = denied.To, Filter = LaneFilter.NotDenied });
            AddWhole(denied.To, backlog.To);
        }
        else
        {
            AddWhole(backlog.From, backlog.To);
        }

        IsDirty = true;
        Tidy();
    }

    private void AddWhole(long from, long to)
    {
        if (from < to)
        {
            State.Lanes.Add(new LaneState { Name = $"main-{State.NextLane++}", From = from, Next = from, To = to });
        }
    }

    /// <summary>
    /// The order is strict from now on: where two lanes share a range, the one that is behind goes on alone up to where the other stands, and behind that one lane takes all.
    /// </summary>
    private void Join()
    {
        foreach (LaneState denied in State.Lanes.Where(l => l.Filter == LaneFilter.Denied).ToArray())
        {
            if (State.Lanes.Find(l => l.Filter == LaneFilter.NotDenied && l.To == denied.To) is not { } backlog)
            {
                continue; // whatever is left in the one has no order towards the other
            }

            Cover(denied);
            Cover(backlog);
            long from = Math.Max(denied.Next, backlog.Next);
            LaneState joined = new() { Name = $"main-{State.NextLane++}", From = from, Next = from, To = denied.To };
            denied.To = backlog.To = from;
            State.Lanes.Add(joined);
            IsDirty = true;
        }

        Tidy();
    }

    /// <summary>
    /// The lane from which the next batch comes, or null when none has anything. Under <c>strict</c> the one that is furthest behind. Under <c>relaxed</c> each of live, denied and
    /// backlog has its turns (2, 1 and 1 of 4; without denied ones 3 and 1), so that none waits for another to be empty; the oldest lane of a sort goes first.
    /// </summary>
    /// <param name="size">The log's size.</param>
    /// <param name="waits">Whether a lane with so many entries to look at waits for more.</param>
    public LaneState? NextLane(long size, Func<LaneState, long, bool> waits)
    {
        LaneState? best = null;
        (int Rank, long Seq) bestKey = (int.MaxValue, long.MaxValue);
        foreach (LaneState lane in State.Lanes)
        {
            long scanned = Scan(lane).Scanned;
            long waiting = Math.Min(lane.To ?? long.MaxValue, size) - scanned;
            if (waiting <= 0 || (!IsExpiring(lane) && waits(lane, waiting)))
            {
                continue;
            }

            int sort = lane.To is null ? 0 : lane.Filter == LaneFilter.Denied ? 1 : 2;
            (int Rank, long Seq) key = (IsExpiring(lane) ? -2 : Config.Strict ? 0 : sort == Turns[_turn % Turns.Length] ? -1 : sort, scanned);
            if (key.CompareTo(bestKey) < 0)
            {
                (best, bestKey) = (lane, key);
            }
        }

        return best;
    }
}
