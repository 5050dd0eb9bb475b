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

    /// <summary>Who goes first in each of four turns; whoever has nothing to send gives its turn to the next in the order live, denied, backlog.</summary>
    private static readonly int[] Turns = [0, 1, 0, 2];

    private int _turn;
    private bool _recovered;

    /// <summary>The lag above which lanes are made.</summary>
    public long SplitAfter { get; init; } = BacklogThreshold;

    /// <summary>Whether another plan may be decided. No earlier than a request for it can go out, so that what is newest then is chosen.</summary>
    public bool MayPlan => State.Plans.Count < Concurrency;

    /// <summary>
    /// Under <c>relaxed</c>, and behind by more than the threshold (which is lower just after an outage): what is new gets a lane, what was denied in the backlog gets one, and both go before the rest of the backlog.
    /// </summary>
    public void Split(long size)
    {
        long threshold = _recovered ? Math.Min(SplitAfter, Math.Max(LeastBacklog, 2L * Config.Batch.MaxEvents)) : SplitAfter;
        _recovered = false;
        if (Config.Strict || State.Lanes.Count > MaxLanes - 3 || State.Lanes.Find(l => l.To is null) is not { } open || size - Scan(open).Scanned <= threshold)
        {
            return;
        }

        Cover(open);
        int number = State.NextLane++;
        long from = open.Next;
        long newest = Math.Max(from, size - Config.Batch.MaxEvents); // a batch of what is newest goes first
        open.To = from;
        State.Lanes.Add(new LaneState { Name = $"live-{number}", From = newest, Next = newest });
        State.Lanes.Add(new LaneState { Name = $"denied-{number}", From = from, Next = from, To = newest, Filter = LaneFilter.Denied });
        State.Lanes.Add(new LaneState { Name = $"backlog-{number}", From = from, Next = from, To = newest, Filter = LaneFilter.NotDenied });
        IsDirty = true;
        Tidy();
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
