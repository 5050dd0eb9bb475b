using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Gateway.Access;
using Muniment.Gateway.Ingest;
using Muniment.Gateway.Ingest.Json;
using Muniment.Gateway.Ingest.Segments;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Administration;

/// <summary>Writes admin events into the tenant's journal, with priority: they are still taken at the low-water mark.</summary>
internal sealed class AdminLog(EncoderPool encoders, IEventSink sink, ITenantKeyring keyring, TimeProvider time) : IAdminLog
{
    /// <inheritdoc/>
    public async Task<long> RecordAsync(
        Caller caller, string action, string target, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, CancellationToken cancellationToken)
    {
        long receivedNs = Intake.Nanoseconds(time);
        ReadOnlyMemory<byte> json = Write(caller, action, target, before, after, receivedNs);
        var envelope = new EnvelopeBytes(new Envelope { Stream = "admin", Key = caller.KeyId, Receiver = Receivers.Platform });
        Muniment.Events.Blocks.Segment segment;
        using (EncoderPool.Loan loan = await encoders.RentAsync(cancellationToken))
        {
            loan.Encoder.Begin(keyring.Current(caller.Tenant), receivedNs);
            EventEncoding.Add(loan.Encoder, json, envelope, receivedNs, SenderKind.Platform);
            segment = loan.Encoder.Finish();
        }

        AppendResult result = await sink.AppendAsync(caller.Tenant, [segment], default, [], default, priority: true, cancellationToken);
        return result.Status is AppendStatus.Accepted ? result.FirstSeq : throw new AdminLogException(result.Detail ?? result.Status.ToString());
    }

    private static ReadOnlyMemory<byte> Write(Caller caller, string action, string target, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after, long nowNs)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("ts"u8, Timestamps.Format(nowNs));
            json.WriteString("stream"u8, "admin"u8);
            json.WriteStartObject("actor"u8);
            json.WriteString("id"u8, caller.User ?? caller.KeyId);
            json.WriteString("type"u8, caller.User is null ? "key"u8 : "user"u8);
            json.WriteEndObject();
            json.WriteString("action"u8, action);
            json.WriteString("target"u8, target);
            json.WriteString("result"u8, "success"u8);
            if (Activity.Current is { } activity)
            {
                json.WriteStartObject("trace"u8);
                json.WriteString("request"u8, activity.TraceId.ToHexString());
                json.WriteEndObject();
            }

            json.WriteStartObject("details"u8);
            json.WriteString("role"u8, caller.Role.Name());
            Raw(json, "before"u8, before);
            Raw(json, "after"u8, after);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static void Raw(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value)
    {
        if (!value.IsEmpty)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value.Span);
        }
    }
}
