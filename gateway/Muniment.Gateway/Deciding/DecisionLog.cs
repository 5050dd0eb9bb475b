using System.Collections.Concurrent;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Gateway.Ingest;
using Muniment.Gateway.Ingest.Json;
using Muniment.Gateway.Ingest.Segments;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Deciding;

/// <summary>Puts decisions into the tenant's journal, with priority: they are still taken at the low-water mark. Thread-safe.</summary>
internal sealed class DecisionLog(EncoderPool encoders, IEventSink sink, ITenantKeyring keyring, TimeProvider time) : IDecisionLog
{
    /// <summary>A journal that did not take a decision counts as unwritable for this long; then one call tries again.</summary>
    public const int UnwritableMs = 1000;

    // Only tenants whose journal failed, and only until it takes something again.
    private readonly ConcurrentDictionary<TenantId, long> _failed = new();

    [ThreadStatic]
    private static EnvelopeBytes? _envelope;

    /// <inheritdoc/>
    public bool IsKnownUnwritable(TenantId tenant) => _failed.TryGetValue(tenant, out long at) && time.GetElapsedTime(at).TotalMilliseconds < UnwritableMs;

    /// <inheritdoc/>
    public async ValueTask AppendInvokeAsync(Decision decision, CancellationToken cancellationToken)
    {
        try
        {
            TenantKeys keys = keyring.Current(decision.Call.Caller.Tenant);
            decision.Seq = await AppendAsync(
                decision.Call.Caller.Tenant, keys, EnvelopeOf(decision.Call), (buffer, nowNs) => DecisionRecord.WriteRequest(buffer, decision, keys, nowNs), cancellationToken);
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
        TenantKeys keys = keyring.Current(decision.Call.Caller.Tenant);
        await AppendAsync(
            decision.Call.Caller.Tenant, keys, EnvelopeOf(decision.Call), (buffer, nowNs) => DecisionRecord.WriteAnswer(buffer, decision, answer, keys, nowNs), cancellationToken);
    }

    /// <summary>Records that a call of an earlier process was interrupted.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="request">The event of its request.</param>
    /// <param name="id">Its decision id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask AppendInterruptedAsync(TenantId tenant, CanonicalEvent request, string id, CancellationToken cancellationToken)
    {
        TenantKeys keys = keyring.Current(tenant);
        var envelope = new Envelope
        {
            Stream = "decision", Key = request.Source.Key, Receiver = request.Source.Receiver ?? Receivers.Platform, Address = request.Source.Address, Verified = request.Source.Verified,
        };
        await AppendAsync(tenant, keys, new EnvelopeBytes(envelope), (buffer, nowNs) => DecisionRecord.WriteInterrupted(buffer, request, id, nowNs), cancellationToken);
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

    private async ValueTask<long> AppendAsync(TenantId tenant, TenantKeys keys, EnvelopeBytes envelope, Action<RecordBuffer, long> write, CancellationToken cancellationToken)
    {
        Segment segment;
        using (EncoderPool.Loan loan = await encoders.RentAsync(sizeBytes: 0, cancellationToken))
        {
            segment = Encode(loan.Encoder, keys, envelope, write);
        }

        AppendResult result = await sink.AppendAsync(tenant, [segment], default, [], default, priority: true, cancellationToken);
        if (result.Status is AppendStatus.Accepted)
        {
            _failed.TryRemove(tenant, out _);
            return result.FirstSeq;
        }

        if (result.Status is AppendStatus.StorageFull or AppendStatus.StorageFailed)
        {
            _failed[tenant] = time.GetTimestamp();
        }

        throw new DecidingUnavailableException($"the decision could not be recorded: {result.Detail ?? result.Status.ToString()}");
    }

    private Segment Encode(SegmentEncoder encoder, TenantKeys keys, EnvelopeBytes envelope, Action<RecordBuffer, long> write)
    {
        long nowNs = Intake.Nanoseconds(time);
        RecordBuffer buffer = RecordBuffer.Take();
        write(buffer, nowNs);
        encoder.Begin(keys, nowNs);
        if (buffer.Event is { } known)
        {
            EventEncoding.AddKnown(encoder, buffer.Written, known, envelope);
        }
        else
        {
            try
            {
                EventEncoding.Add(encoder, buffer.Written, envelope, nowNs, SenderKind.Platform);
            }
            catch (ArgumentException e)
            {
                // A defect: records are made to fit. Nothing passes without one.
                throw new DecidingUnavailableException($"the decision could not be recorded: {e.Message}", e);
            }
        }

        buffer.GiveBack();
        return encoder.Finish();
    }
}
