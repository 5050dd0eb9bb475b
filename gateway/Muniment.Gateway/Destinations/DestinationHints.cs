using System.Collections.Concurrent;
using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Gateway.Ingest;
using Muniment.Messages.Destinations;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Destinations;

/// <summary>
/// Wraps the way into the journal: after an append, the tenant's destinations hear that there is news, at most once in <see cref="Pause"/>. A lost hint costs latency only,
/// because destinations look by themselves.
/// </summary>
public sealed class DestinationHints(IEventSink inner, IGrainFactory grains, TimeProvider time) : IEventSink
{
    /// <summary>Shortest time between two hints of a tenant.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentDictionary<TenantId, Pending> _pending = [];

    /// <inheritdoc/>
    public async Task<AppendResult> AppendAsync(TenantId tenant, ImmutableArray<Segment> segments, ReadOnlyMemory<byte> requestDigest, ImmutableArray<EventIdMessage> ids,
        ReadOnlyMemory<byte> answer, bool priority, CancellationToken cancellationToken)
    {
        AppendResult result = await inner.AppendAsync(tenant, segments, requestDigest, ids, answer, priority, cancellationToken);
        if (result.Status is AppendStatus.Accepted)
        {
            Advanced(tenant);
        }

        return result;
    }

    /// <summary>Says that a tenant's log has grown.</summary>
    public void Advanced(TenantId tenant)
    {
        Pending pending = _pending.GetOrAdd(tenant, static _ => new Pending());
        if (Interlocked.Exchange(ref pending.Said, 1) == 0)
        {
            _ = SayAsync(tenant, pending);
        }
    }

    private async Task SayAsync(TenantId tenant, Pending pending)
    {
        await Task.Delay(Pause, time);
        Volatile.Write(ref pending.Said, 0);
        try
        {
            await grains.GetGrain<IDestinationDirectoryGrain>(tenant.Value).Advanced();
        }
        catch (Exception exception) when (exception is TimeoutException || exception.GetType().Namespace?.StartsWith("Orleans", StringComparison.Ordinal) == true)
        {
            // The sweep comes anyway.
        }
    }

    private sealed class Pending
    {
        public int Said;
    }
}
