using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Policy.Simulation;

/// <summary>
/// Counts a candidate's limits over recorded calls: a call counts when it begins, tokens and dollars when its answer's record says them. What was used before the
/// first record is not known, so a window that had begun by then can only be said to be used up, never to have room.
/// </summary>
internal sealed class LimitReplay(long startNs)
{
    private const int MaxWindows = 200_000;
    private const int MaxOpenCalls = 100_000;

    private readonly Dictionary<(string Policy, string Limit, string Subject, long Window), decimal> used = [];
    private readonly Dictionary<(string Policy, string Limit, string Subject), Queue<(long TimeNs, decimal Amount)>> sliding = [];
    private readonly Dictionary<string, List<(CoveringLimit Limit, long TimeNs)>> open = new(StringComparer.Ordinal);

    /// <summary>Whether a limit has room: false when it is surely used up, null when that is not known.</summary>
    public bool? HasRoom(CoveringLimit limit, long timeNs)
    {
        bool isWhole = WindowStart(limit, timeNs) >= startNs;
        decimal sum = Sum(limit, timeNs);
        decimal needs = limit.Limit.Unit == LimitUnit.Calls ? 1 : 0;
        bool exceeded = limit.Limit.Unit == LimitUnit.Calls ? sum + needs > limit.Limit.Amount : sum >= limit.Limit.Amount;
        return exceeded ? false : isWhole && used.Count < MaxWindows ? true : null;
    }

    /// <summary>A call went through.</summary>
    public void Pass(string decision, IEnumerable<CoveringLimit> limits, long timeNs)
    {
        foreach (CoveringLimit limit in limits)
        {
            if (limit.Limit.Unit == LimitUnit.Calls)
            {
                Add(limit, timeNs, 1);
            }
            else if (open.Count < MaxOpenCalls)
            {
                if (!open.TryGetValue(decision, out List<(CoveringLimit, long)>? waiting))
                {
                    open[decision] = waiting = [];
                }

                waiting.Add((limit, timeNs));
            }
        }
    }

    /// <summary>Its answer is recorded.</summary>
    public void Answer(RecordedDecision answer)
    {
        if (!open.Remove(answer.Id, out List<(CoveringLimit Limit, long TimeNs)>? waiting))
        {
            return;
        }

        foreach ((CoveringLimit limit, long timeNs) in waiting)
        {
            Add(limit, timeNs, limit.Limit.Unit == LimitUnit.Tokens ? answer.Tokens : answer.Dollars ?? 0);
        }
    }

    private decimal Sum(CoveringLimit limit, long timeNs)
    {
        if (!limit.Limit.Sliding)
        {
            return used.GetValueOrDefault(Key(limit, timeNs));
        }

        if (!sliding.TryGetValue((limit.Policy.Id, limit.Limit.Id, limit.Subject), out Queue<(long TimeNs, decimal Amount)>? queue))
        {
            return 0;
        }

        while (queue.TryPeek(out (long TimeNs, decimal Amount) oldest) && oldest.TimeNs <= timeNs - (limit.Limit.Window.Ticks * 100))
        {
            queue.Dequeue();
        }

        return queue.Sum(q => q.Amount);
    }

    private void Add(CoveringLimit limit, long timeNs, decimal amount)
    {
        if (!limit.Limit.Sliding)
        {
            used[Key(limit, timeNs)] = used.GetValueOrDefault(Key(limit, timeNs)) + amount;
            return;
        }

        (string, string, string) key = (limit.Policy.Id, limit.Limit.Id, limit.Subject);
        if (!sliding.TryGetValue(key, out Queue<(long, decimal)>? queue))
        {
            sliding[key] = queue = new Queue<(long, decimal)>();
        }

        queue.Enqueue((timeNs, amount));
    }

    private static long WindowStart(CoveringLimit limit, long timeNs) => limit.Limit.Sliding ? timeNs - (limit.Limit.Window.Ticks * 100) : limit.Limit.WindowStart(timeNs);

    private static (string, string, string, long) Key(CoveringLimit limit, long timeNs) => (limit.Policy.Id, limit.Limit.Id, limit.Subject, limit.Limit.WindowStart(timeNs));
}
