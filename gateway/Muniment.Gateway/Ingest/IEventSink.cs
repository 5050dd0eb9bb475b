using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Ingest;

/// <summary>The gateway's way into a tenant's journal: one grain call a request, retried once when the writer moved.</summary>
public interface IEventSink
{
    /// <summary>Appends; returns only after the events are durable (or says why not). The segments belong to the journal from then on: their memory is used for other requests.</summary>
    Task<AppendResult> AppendAsync(TenantId tenant, ImmutableArray<Segment> segments, ReadOnlyMemory<byte> requestDigest, ImmutableArray<EventIdMessage> ids,
        ReadOnlyMemory<byte> answer, bool priority, CancellationToken cancellationToken);
}
