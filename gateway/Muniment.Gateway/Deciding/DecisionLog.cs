using System.Collections.Concurrent;
using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Gateway.Deciding.Records;
using Muniment.Gateway.Ingest;
using Muniment.Gateway.Ingest.Json;
using Muniment.Gateway.Ingest.Segments;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Deciding;

/// <summary>Puts decisions into the tenant's journal, several together where they come together, and with priority: they are still taken at the low-water mark. Thread-safe.</summary>
internal sealed class DecisionLog(EncoderPool encoders, IEventSink sink, ITenantKeyring keyring, TimeProvider time) : IDecisionLog
{
    /// <summary>A journal that did not take a decision counts as unwritable for this long; then one call tries again.</summary>
    public const int UnwritableMs = 1000;

    // Only tenants whose journal failed, and only until it takes something again.
    private readonly ConcurrentDictionary<TenantId, long> _failed = new();

    // As many as tenants that had decisions.
    private readonly ConcurrentDictionary<TenantId, RecordQueue> _queues = new();

    [ThreadStatic]
    private static EnvelopeBytes? _envelope;

    /// <inheritdoc/>
    public bool IsKnownUnwritable(TenantId tenant) => _failed.TryGetValue(tenant, out long at) && time.GetElapsedTime(at).TotalMilliseconds < UnwritableMs;

    /// <inheritdoc/>
    public async ValueTask AppendInvokeAsync(Decision decision, CancellationToken cancellationToken)
    {
        try
        {
            TenantId tenant = decision.Call.Caller.Tenant;
            RecordBuffer buffer = RecordBuffer.Take();
            DecisionRecord.WriteRequest(buffer, decision, keyring.Current(tenant), Intake.Nanoseconds(time));
            var record = new PendingRecord(buffer, EnvelopeOf(decision.Call));
            decision.RequestRecord = record;
            Add(QueueOf(tenant), record);
            decision.Seq = await record.Task.WaitAsync(cancellationToken);
            decision.RequestRecord = null; // an answer may take long; the record is needed no more
        }
        catch
        {
            decision.Release();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask AppendRespondAsync(Decision decision, DecisionAnswer answer, CancellationToken cancellationToken)
    {
        decision.Settle(UseOf(decision, answer.Usage));
        TenantId tenant = decision.Call.Caller.Tenant;
        RecordBuffer buffer = RecordBuffer.Take();
        DecisionRecord.WriteAnswer(buffer, decision, answer, keyring.Current(tenant), Intake.Nanoseconds(time));
        var record = new PendingRecord(buffer, EnvelopeOf(decision.Call));
        RecordQueue queue = QueueOf(tenant);
        PendingRecord? request = decision.RequestRecord; // before Seq: it goes away when Seq is there
        if (decision.Seq < 0)
        {
            // No answer without its request: both in one append, or this one when the other is durable.
            _ = request ?? throw new DecidingUnavailableException("the answer could not be recorded, because its request was not");
            if (queue.TryJoin(request, record))
            {
                await record.Task.WaitAsync(cancellationToken);
                return;
            }

            await request.Task.WaitAsync(cancellationToken);
        }

        Add(queue, record);
        await record.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Records that a call of an earlier process was interrupted.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="request">The event of its request.</param>
    /// <param name="id">Its decision id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask AppendInterruptedAsync(TenantId tenant, CanonicalEvent request, string id, CancellationToken cancellationToken)
    {
        var envelope = new Envelope
        {
            Stream = "decision", Key = request.Source.Key, Receiver = request.Source.Receiver ?? Receivers.Platform, Address = request.Source.Address, Verified = request.Source.Verified,
        };
        RecordBuffer buffer = RecordBuffer.Take();
        DecisionRecord.WriteInterrupted(buffer, request, id, Intake.Nanoseconds(time));
        var record = new PendingRecord(buffer, new EnvelopeBytes(envelope));
        Add(QueueOf(tenant), record);
        await record.Task.WaitAsync(cancellationToken);
    }

    // What nobody knows counts as reserved; so does a price that nobody told.
    private static DecisionCost UseOf(Decision decision, UsagePart? usage)
    {
        if (usage is null)
        {
            return decision.Call.Estimate;
        }

        long tokens = (usage.Input ?? 0) + (usage.CacheRead ?? 0) + (usage.CacheWrite ?? 0) + (usage.Output ?? 0);
        decimal usd = usage.Cost is { Unit: "USD", Amount: { } amount } && decimal.TryParse(amount, System.Globalization.CultureInfo.InvariantCulture, out decimal cost)
            ? cost
            : decision.Call.Estimate.Usd;
        return new DecisionCost(tokens, usd);
    }

    // Calls of one key come with the same envelope again and again.
    private static EnvelopeBytes EnvelopeOf(DecisionCall call)
    {
        if (_envelope is { Envelope: var known } last && known.Key == call.Caller.KeyId && known.Receiver == call.Context.Receiver && known.Address == call.Context.Address
            && known.Verified.Contains("user") == (call.Caller.User is not null) && known.Verified.Contains("project") == (call.Caller.Project is not null))
        {
            return last;
        }

        return _envelope = new EnvelopeBytes(new Envelope
        {
            Stream = "decision", Key = call.Caller.KeyId, Receiver = call.Context.Receiver, Address = call.Context.Address, Verified = [.. Vouched(call)],
        });
    }

    private static IEnumerable<string> Vouched(DecisionCall call)
    {
        if (call.Caller.User is not null)
        {
            yield return "user";
        }

        if (call.Caller.Project is not null)
        {
            yield return "project";
        }
    }

    private RecordQueue QueueOf(TenantId tenant) => _queues.GetOrAdd(tenant, static (name, log) => log.Open(name), this);

    private static void Add(RecordQueue queue, PendingRecord record)
    {
        if (!queue.TryAdd(record))
        {
            RecordInstruments.Refused();
            var why = new DecidingUnavailableException("the decision could not be recorded: too many wait for their record");

            // The record of an answer may wait for this one. Looked at here, since often nobody else does.
            record.TrySetException(why);
            _ = record.Task.Exception;
            throw why;
        }
    }

    private RecordQueue Open(TenantId tenant) => new(records => AppendAsync(tenant, records), time);

    // Throws nothing: each record is told.
    private async Task AppendAsync(TenantId tenant, List<PendingRecord> records)
    {
        try
        {
            await StoreAsync(tenant, records);
        }
        catch (Exception e)
        {
            Fail(records, new DecidingUnavailableException($"the decision could not be recorded: {e.Message}", e));
        }
    }

    private async Task StoreAsync(TenantId tenant, List<PendingRecord> records)
    {
        ImmutableArray<Segment> segments;
        using (EncoderPool.Loan loan = await encoders.RentAsync(sizeBytes: 0, CancellationToken.None))
        {
            segments = Encode(loan.Encoder, keyring.Current(tenant), records);
        }

        if (records.Count == 0)
        {
            return;
        }

        AppendResult result = await sink.AppendAsync(tenant, segments, default, [], default, priority: true, CancellationToken.None);
        if (result.Status is AppendStatus.Accepted)
        {
            _failed.TryRemove(tenant, out _);
            RecordInstruments.Appended(records.Count);
            for (int i = 0; i < records.Count; i++)
            {
                records[i].SetResult(result.FirstSeq + i);
            }

            return;
        }

        if (result.Status is AppendStatus.StorageFull or AppendStatus.StorageFailed)
        {
            _failed[tenant] = time.GetTimestamp();
        }

        Fail(records, new DecidingUnavailableException($"the decision could not be recorded: {result.Detail ?? result.Status.ToString()}"));
    }

    private static void Fail(List<PendingRecord> records, DecidingUnavailableException why)
    {
        RecordInstruments.Failed(records.Count);
        foreach (PendingRecord record in records)
        {
            record.TrySetException(why);
        }
    }

    // The records that cannot be encoded are told so, and taken out, each with the one that follows it.
    private ImmutableArray<Segment> Encode(SegmentEncoder encoder, TenantKeys keys, List<PendingRecord> records)
    {
        long nowNs = Intake.Nanoseconds(time);
        var segments = ImmutableArray.CreateBuilder<Segment>(1);
        encoder.Begin(keys, nowNs);
        for (int i = 0; i < records.Count; i++)
        {
            if (encoder.IsFull)
            {
                segments.Add(encoder.FinishFast());
                encoder.Begin(keys, nowNs);
            }

            PendingRecord record = records[i];
            if (record.Buffer.Event is { } known)
            {
                EventEncoding.AddKnown(encoder, record.Buffer.Written, known, record.Envelope);
            }
            else if (!TryParse(encoder, record, nowNs))
            {
                // Nor may the answer come without its request.
                records.RemoveRange(i--, record.Follower is null ? 1 : 2);
                continue;
            }

            record.Buffer.GiveBack();
        }

        if (encoder.Count > 0)
        {
            segments.Add(encoder.FinishFast());
        }

        return segments.DrainToImmutable();
    }

    private static bool TryParse(SegmentEncoder encoder, PendingRecord record, long nowNs)
    {
        try
        {
            EventEncoding.Add(encoder, record.Buffer.Written, record.Envelope, nowNs, SenderKind.Platform);
            return true;
        }
        catch (ArgumentException e)
        {
            // A defect: records are made to fit. Nothing passes without one.
            Fail(record.Follower is { } follower ? [record, follower] : [record], new DecidingUnavailableException($"the decision could not be recorded: {e.Message}", e));
            return false;
        }
    }
}
