using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Running;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Messages.Journal;

namespace Muniment.Grains.Destinations;

/// <summary>Writes what happens to destinations by itself into the tenant's log, stream <c>system</c>, with priority: it is still taken at the low-water mark.</summary>
public sealed class DestinationNotices(IGrainFactory grains, ITenantKeyring keyring, TimeProvider time)
{
    /// <summary>The action of a notice about events that were left out.</summary>
    public const string ExpireAction = "destination.expire";

    /// <summary>Writes one; false when it was not written or that is not known. Writing it again is safe: the request's digest is made of its numbers.</summary>
    public async Task<bool> WriteAsync(DeliveryNotice notice, CancellationToken cancellationToken)
    {
        long nowNs = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        Segment segment = Encode(notice, nowNs);
        AppendRequest request = new(
            [new SegmentMessage(segment.Count, segment.ReceivedNs, segment.MinTimeNs, segment.MaxTimeNs, segment.Payload, segment.Leaves, segment.Terms)],
            Digest(notice), [], default, Priority: true);
        AppendResult result = await grains.GetGrain<IJournalGrain>(notice.Tenant.Value).Append(request).WaitAsync(cancellationToken);
        return result.Status is AppendStatus.Accepted or AppendStatus.Repeated;
    }

    /// <summary>By which the journal knows a notice that was told before; another destination that got the id of a removed one begins anew.</summary>
    internal static ReadOnlyMemory<byte> Digest(DeliveryNotice notice) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(notice.Hold is { } hold
            ? $"{ActionOf(hold)}\n{notice.Tenant}\n{notice.Destination}\n{notice.Incarnation}\n{hold.Since.UtcTicks}"
            : $"{ExpireAction}\n{notice.Tenant}\n{notice.Destination}\n{notice.Incarnation}\n{notice.Total}")).AsMemory(0, 16);

    private static string ActionOf(HoldNotice hold) => hold.Reason is null ? DeliveryNotice.ResumeAction : DeliveryNotice.PauseAction;

    private Segment Encode(DeliveryNotice notice, long nowNs)
    {
        Envelope envelope = new() { Stream = "system", Receiver = "platform" };
        ReadOnlyMemory<byte> json = Json(notice, nowNs);
        ParsedEvent parsed = CanonicalJsonReader.Parse(json, nowNs, SenderKind.Platform);
        if (!parsed.IsOk)
        {
            throw new InvalidOperationException(parsed.Reason);
        }

        EnvelopeOverlay.Apply(parsed.Event, envelope);
        SegmentEncoder encoder = new();
        try
        {
            encoder.Begin(keyring.Current(notice.Tenant), nowNs);
            CanonicalTerms.Collect(parsed.Event, ref encoder);
            encoder.Add(EntryKind.Event, encoder.AddEnvelope(EnvelopeCodec.Write(envelope)), -1, -1, json.Span, parsed.Event.TimeNs);
            return encoder.Finish();
        }
        finally
        {
            encoder.Dispose();
        }
    }

    private static ReadOnlyMemory<byte> Json(DeliveryNotice notice, long nowNs)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer))
        {
            json.WriteStartObject();
            json.WriteString("ts", Timestamps.Format(nowNs));
            json.WriteString("stream", "system");
            json.WriteStartObject("actor");
            json.WriteString("id", "muniment");
            json.WriteString("type", "service");
            json.WriteEndObject();
            json.WriteString("action", notice.Hold is { } hold ? ActionOf(hold) : ExpireAction);
            json.WriteString("target", notice.Destination);
            if (notice.Hold is { } about)
            {
                WriteHold(json, about, notice.Position);
            }
            else
            {
                WriteExpired(json, notice);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void WriteHold(Utf8JsonWriter json, HoldNotice hold, long position)
    {
        json.WriteString("result", hold.Reason is null ? "info" : "failure");
        json.WriteString("risk", hold.Reason is null ? "low" : "high");
        json.WriteString("reason", hold.Reason?.Message ?? "the destination takes events again");
        json.WriteStartObject("details");
        if (hold.Reason is { } reason)
        {
            json.WriteString("code", reason.Code);
            json.WriteString("hint", reason.Hint);
        }

        json.WriteString("since", hold.Since.UtcDateTime);
        json.WriteNumber("position", position);
        json.WriteEndObject();
    }

    private static void WriteExpired(Utf8JsonWriter json, DeliveryNotice notice)
    {
        json.WriteString("result", "info");
        json.WriteString("risk", "high");
        json.WriteString("reason", notice.Before > 0
            ? "undelivered events were left out: on_full is expire"
            : "events were gone from the log before they were delivered");
        json.WriteStartObject("details");
        json.WriteNumber("events", notice.Events);
        json.WriteNumber("total", notice.Total);
        json.WriteNumber("before", notice.Before);
        json.WriteNumber("position", notice.Position);
        json.WriteEndObject();
    }
}
