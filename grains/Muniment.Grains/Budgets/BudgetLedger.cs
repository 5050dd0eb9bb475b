using Muniment.Messages.Budgets;

namespace Muniment.Grains.Budgets;

/// <summary>
/// The count of one budget in one epoch. Pure but for its own memory; time comes in. Available is what the limit leaves after what was used and after what gateways hold and
/// have not told of yet; nothing is granted beyond it, so calls together never reserve more than the limit.
/// </summary>
public sealed class BudgetLedger(string epoch, IReadOnlyList<BudgetUse> counted)
{
    private readonly Dictionary<string, Holder> _holders = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, long> _used = Begin(counted);

    /// <summary>Begins anew at each activation and at each recount.</summary>
    public string Epoch => epoch;

    /// <summary>
    /// Whether a gateway that held something has been silent for too long, so that only the decision events can say what became of it. Also when there is no room for another
    /// gateway: those that are there tell their totals again in the next epoch, those that are gone do not.
    /// </summary>
    public bool HasLost(long nowMs, string asking) =>
        (_holders.Count >= BudgetLimits.MaxHolders && !_holders.ContainsKey(asking))
        || _holders.Any(holder => holder.Key != asking && holder.Value.Outstanding > 0 && nowMs - holder.Value.SeenMs > BudgetLimits.LeaseMs);

    /// <summary>Takes in what a gateway says and grants what it may have.</summary>
    public BudgetGrant Take(BudgetAsk ask, long nowMs)
    {
        Forget(ask.Spec, nowMs);
        long slice = ask.Spec.Limit >= BudgetLimits.SliceDivisor ? ask.Spec.Limit / BudgetLimits.SliceDivisor : 0;
        if (Find(ask.Holder) is not { } holder || ask.Number <= holder.Number)
        {
            return new BudgetGrant(epoch, 0, slice, Available(ask.Spec));
        }

        holder.Number = ask.Number;
        holder.SeenMs = nowMs;
        if (ask.Epoch == epoch)
        {
            // What the holder does not know of was in an answer that was lost: nobody has it.
            holder.Granted = Math.Min(holder.Granted, ask.Granted);
            Add(nowMs, ask.Used - holder.Used);
            holder.Used = Math.Max(ask.Used, holder.Used);
            holder.Returned = ask.Returned;
        }
        else
        {
            holder.Granted = holder.Used = holder.Returned = 0;
        }

        // Calls that used more than was granted: that is counted as used already, so it is granted afterwards without being counted twice.
        long excess = ask.Want > 0 ? Math.Max(0, holder.Used + holder.Returned - holder.Granted) : 0;
        long available = Available(ask.Spec);
        long grant = Grant(ask.Want - excess, ask.Least - excess, available, slice);
        holder.Granted += excess + grant;
        return new BudgetGrant(epoch, excess + grant, slice, available - grant);
    }

    /// <summary>What is left for all.</summary>
    public long Available(BudgetSpec spec) => spec.Limit - _used.Values.Sum() - _holders.Values.Sum(holder => holder.Outstanding);

    private static long Grant(long want, long least, long available, long slice)
    {
        if (want <= 0 || available < Math.Max(1, least))
        {
            return 0;
        }

        // The nearer the end, the less is put by: what one gateway keeps another one cannot use.
        long extra = want < slice ? Math.Min(slice - want, Math.Max(0, available - want) / 8) : 0;
        return Math.Min(want, available) + extra;
    }

    private Holder? Find(string name)
    {
        if (!_holders.TryGetValue(name, out Holder? holder) && _holders.Count < BudgetLimits.MaxHolders)
        {
            _holders.Add(name, holder = new Holder());
        }

        return holder;
    }

    private void Add(long timeMs, long amount)
    {
        if (amount > 0)
        {
            _used[timeMs] = _used.GetValueOrDefault(timeMs) + amount;
        }
    }

    // A sliding window forgets by parts, an aligned one nothing: its end is another grain's beginning.
    private void Forget(BudgetSpec spec, long nowMs)
    {
        if (!spec.IsSliding)
        {
            Merge(long.MaxValue);
            return;
        }

        long part = Math.Max(1, spec.WindowMs / BudgetLimits.SlidingParts);
        while (_used.Count > 0 && _used.First().Key is var first && first <= nowMs - spec.WindowMs)
        {
            _used.Remove(first);
        }

        Merge(part);
    }

    private void Merge(long partMs)
    {
        // Uses of one part become one, under the time of its newest: it leaves late rather than early.
        if (_used.Count <= 2 * BudgetLimits.SlidingParts)
        {
            return;
        }

        KeyValuePair<long, long>[] all = [.. _used];
        _used.Clear();
        foreach (IGrouping<long, KeyValuePair<long, long>> together in all.GroupBy(use => use.Key / partMs))
        {
            _used[together.Max(use => use.Key)] = together.Sum(use => use.Value);
        }
    }

    private static SortedDictionary<long, long> Begin(IReadOnlyList<BudgetUse> counted)
    {
        var used = new SortedDictionary<long, long>();
        foreach (BudgetUse use in counted)
        {
            used[use.TimeMs] = used.GetValueOrDefault(use.TimeMs) + use.Amount;
        }

        return used;
    }

    private sealed class Holder
    {
        public long Number { get; set; } = -1;

        public long Granted { get; set; }

        public long Used { get; set; }

        public long Returned { get; set; }

        public long SeenMs { get; set; }

        public long Outstanding => Math.Max(0, Granted - Used - Returned);
    }
}
