using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Ingest;

/// <summary>
/// Sends one request to its tenant's journal grain. A fenced answer is asked again once: the new activation answers. A timeout or an error, be it the cluster's or that of
/// a grain that could not be activated, tells nothing about the outcome, so the client hears 503 and its repeat is recognised by digest or ids.
/// </summary>
internal sealed partial class JournalSink(IGrainFactory grains, ILogger<JournalSink> logger) : IEventSink
{
    private const int Attempts = 2;

    /// <inheritdoc/>
    public async Task<AppendResult> AppendAsync(TenantId tenant, ImmutableArray<Segment> segments, ReadOnlyMemory<byte> requestDigest, ImmutableArray<EventIdMessage> ids,
        ReadOnlyMemory<byte> answer, bool priority, CancellationToken cancellationToken)
    {
        var request = new AppendRequest([.. segments.Select(Message)], requestDigest, ids, answer, priority);
        IJournalGrain journal = grains.GetGrain<IJournalGrain>(tenant.Value);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                AppendResult result = await journal.Append(request).WaitAsync(cancellationToken);
                if (result.Status is not AppendStatus.Fenced || attempt == Attempts)
                {
                    if (result.Status is AppendStatus.Accepted or AppendStatus.Repeated or AppendStatus.IdsKnown)
                    {
                        Release(segments); // after any other answer the journal may still hold them
                    }

                    return result;
                }
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                LogUnknown(logger, e, tenant.Value);
                return new AppendResult(AppendStatus.StorageFailed, 0, 0, default, [], "the journal gave no answer; whether the events are stored is not known, sending them again is safe");
            }
        }
    }

    private static void Release(ImmutableArray<Segment> segments)
    {
        foreach (Segment segment in segments)
        {
            segment.Release();
        }
    }

    private static SegmentMessage Message(Segment segment) =>
        new(segment.Count, segment.ReceivedNs, segment.MinTimeNs, segment.MaxTimeNs, segment.Payload, segment.Leaves, segment.Terms);

    [LoggerMessage(1401, LogLevel.Warning, "The journal of tenant {Tenant} gave no answer; the outcome is unknown")]
    private static partial void LogUnknown(ILogger logger, Exception exception, string tenant);
}
