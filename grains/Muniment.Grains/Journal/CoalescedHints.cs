using System.Collections.Concurrent;
using Muniment.Events;

namespace Muniment.Grains.Journal;

/// <summary>
/// Passes append hints on, for each tenant at most one in <paramref name="pause"/>: the first one starts the tenant's timer, those until it rings are the same hint. Returns at once;
/// a lost hint costs latency only, because who listens also looks by himself. One timer a tenant.
/// </summary>
/// <param name="say">Tells that a tenant's log has grown. One-way: nobody waits for it.</param>
/// <param name="pause">Shortest time between two hints of a tenant.</param>
/// <param name="time">Runs the timers.</param>
public class CoalescedHints(Action<TenantId> say, TimeSpan pause, TimeProvider time) : IAppendHints
{
    private readonly ConcurrentDictionary<TenantId, Pending> _pending = [];

    /// <inheritdoc/>
    public void Advanced(TenantId tenant, long size)
    {
        Pending pending = _pending.GetOrAdd(tenant, static _ => new Pending());
        if (Interlocked.Exchange(ref pending.Said, 1) == 0)
        {
            pending.Timer ??= time.CreateTimer(_ => Say(tenant, pending), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            pending.Timer.Change(pause, Timeout.InfiniteTimeSpan);
        }
    }

    private void Say(TenantId tenant, Pending pending)
    {
        Volatile.Write(ref pending.Said, 0);
        say(tenant);
    }

    private sealed class Pending
    {
        public int Said;
        public ITimer? Timer;
    }
}
