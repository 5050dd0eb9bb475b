using System.Collections.Concurrent;
using Muniment.Events;
using Muniment.Grains.Journal;
using Muniment.Messages.Destinations;

namespace Muniment.Grains.Destinations;

/// <summary>
/// Tells a tenant's destinations that its log has grown, at most once in <see cref="Pause"/>. Listens to the process's append hints; returns at once. A lost hint costs
/// latency only, because destinations look by themselves.
/// </summary>
public sealed class DestinationHints(IGrainFactory grains, TimeProvider time) : IAppendHints
{
    /// <summary>Shortest time between two hints of a tenant.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

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
        _ = grains.GetGrain<IDestinationDirectoryGrain>(tenant.Value).Advanced(); // one-way: nobody waits for it
    }

    private sealed class Pending
    {
        public int Said;
        public ITimer? Timer;
    }
}
