using System.Collections.Immutable;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Limits;
using Muniment.Gateway.Ingest.Rules;
using Muniment.Gateway.Ingest.Segments;
using Muniment.Messages.Journal;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Ingest.Json;

/// <summary>Stores the canonical events of one request, with repeats recognised by id, or by the whole body when no event has an id.</summary>
internal sealed class EventIngest(EncoderPool encoders, IEventSink sink, ITenantKeyring keyring, TenantCache tenants, QuotaGate quotas, IIngestRules rules)
{
    /// <summary>Rounds of "some ids are known": the first tells all that were there, a second only what other requests stored meanwhile.</summary>
    private const int MaxRounds = 4;

    /// <summary>Stores; returns only after the events are durable.</summary>
    /// <param name="intake">Who and when.</param>
    /// <param name="events">The events' texts.</param>
    /// <param name="body">The decoded body, for the repeat's digest.</param>
    /// <param name="isLone">Whether a bad event refuses the request.</param>
    /// <param name="byBody">Recognise repeats by the body whatever ids there are.</param>
    /// <param name="cancellationToken">The request's.</param>
    public async ValueTask<EventsStored> StoreAsync(
        Intake intake, List<ReadOnlyMemory<byte>> events, ReadOnlyMemory<byte> body, bool isLone, bool byBody, CancellationToken cancellationToken)
    {
        QuotaMessage quota = (await tenants.FindAsync(intake.Caller.Tenant))?.Quota ?? QuotaMessage.None;
        if (quotas.Look(intake.Caller.Tenant, quota, events.Count, body.Length) is { } early)
        {
            return new EventsStored(new EventBatch(intake, []), 0, null, null, early);
        }

        var batch = new EventBatch(intake, events, await rules.FindAsync(intake.Caller.Tenant));
        TenantKeys keys = keyring.Current(intake.Caller.Tenant);
        using var digests = new Digests(keys, intake.Caller.KeyId, intake.Receiver);
        ReadOnlyMemory<byte> requestDigest = digests.Request(body.Span);
        if (batch.Check(digests, requestDigest.Span) is { } forbidden)
        {
            return new EventsStored(batch, 0, null, null, forbidden);
        }

        if (isLone && batch.Items[0] is { Fate: EventFate.Rejected } bad)
        {
            return new EventsStored(batch, 0, null, null, new Refusal(RefusalKind.Malformed, bad.Reason!, bad.Field));
        }

        if (quotas.Check(intake.Caller.Tenant, quota, batch.Stored, body.Length) is { } over)
        {
            return new EventsStored(batch, 0, null, null, over);
        }

        return await AppendAsync(batch, keys, intake, body.Length, byBody || !batch.HasIds ? requestDigest : default, byBody, cancellationToken);
    }

    private async ValueTask<EventsStored> AppendAsync(
        EventBatch batch, TenantKeys keys, Intake intake, int bodyBytes, ReadOnlyMemory<byte> digest, bool byBody, CancellationToken cancellationToken)
    {
        for (int round = 1; ; round++)
        {
            if (batch.Stored == 0)
            {
                return Done(batch, intake, null);
            }

            ImmutableArray<Segment> segments;
            ImmutableArray<EventIdMessage> ids;
            using (EncoderPool.Loan loan = await encoders.RentAsync(bodyBytes, cancellationToken))
            {
                (segments, ids) = batch.Encode(loan.Encoder, keys);
            }

            AppendResult result = await sink.AppendAsync(intake.Caller.Tenant, segments, digest, byBody ? [] : ids, default, priority: false, cancellationToken);
            if (result.Status is AppendStatus.IdsKnown && round < MaxRounds)
            {
                batch.Settle(result.KnownIds);
                continue;
            }

            return AppendOutcome.RefusalOf(result) is { } refusal ? new EventsStored(batch, 0, null, null, refusal) : Done(batch, intake, result);
        }
    }

    private static EventsStored Done(EventBatch batch, Intake intake, AppendResult? result)
    {
        int accepted = batch.Stored;
        IngestInstruments.Accepted(intake.Receiver, accepted, batch.Items.Sum(item => (long)item.Json.Length), result is { Status: AppendStatus.Repeated });
        IngestInstruments.Repeated(intake.Receiver, batch.Items.Count(item => item.Fate is EventFate.Duplicate));
        IngestInstruments.Rejected(intake.Receiver, batch.Items.Count(item => item.Fate is EventFate.Rejected));
        return new EventsStored(batch, accepted, result?.FirstSeq, result?.LastSeq, null);
    }
}

/// <summary>How a request of canonical events ended.</summary>
/// <param name="Batch">Its events and their fates.</param>
/// <param name="Accepted">Events stored, now or by the same request before.</param>
/// <param name="First">First seq, or null.</param>
/// <param name="Last">Last seq, or null.</param>
/// <param name="Refusal">Why nothing was stored, or null.</param>
internal sealed record EventsStored(EventBatch Batch, int Accepted, long? First, long? Last, Refusal? Refusal);
