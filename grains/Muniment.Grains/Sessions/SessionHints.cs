using System.Collections.Concurrent;
using Muniment.Events;
using Muniment.Grains.Journal;
using Muniment.Messages.Sessions;

namespace Muniment.Grains.Sessions;

/// <summary>
/// Wakes the folding of sessions after appends, at most once a second and tenant: many small appends become one step, and a question folds what is left by itself.
/// </summary>
public sealed class SessionHints(IGrainFactory grains, TimeProvider time) : IAppendHints
{
    /// <summary>Shortest time between two hints of a tenant.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<TenantId, Pending> _pending = [];

    /// <inheritdoc/>
    public void Advanced(TenantId tenant, long size)
    {
        Pending pending = _pending.GetOrAdd(tenant, static _ => new Pending());
        if (Interlocked.Exchange(ref pending.Said, 1) == 0)
        {
            pending.Timer ??= time.CreateTimer(_ => Say(tenant, pending), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            pending.Timer.Change(Pause, Timeout.InfiniteTimeSpan);
        }
    }

    private void Say(TenantId tenant, Pending pending)
    {
        Volatile.Write(ref pending.Said, 0);
        _ = grains.GetGrain<ISessionProjectionGrain>(tenant.Value).Advanced(); // one-way: nobody waits for it
    }

    private sealed class Pending
    {
        public int Said;
        public ITimer? Timer;
    }
}
