using Microsoft.Extensions.Options;
using Muniment.Events.Keys;
using Muniment.Events.Otlp;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Limits;
using Muniment.Gateway.Ingest.Rules;
using Muniment.Gateway.Ingest.Segments;
using Muniment.Messages.Journal;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Ingest.Otlp;

/// <summary>Stores one decoded OTLP request, whatever it came in by. Returns only after the records are durable.</summary>
internal sealed class OtlpIngest(
    EncoderPool encoders, IEventSink sink, ITenantKeyring keyring, TenantCache tenants, QuotaGate quotas, IIngestRules rules, IOptions<GatewayOptions> options)
{
    /// <summary>Stores.</summary>
    /// <param name="intake">Who and when.</param>
    /// <param name="signal">Which service.</param>
    /// <param name="protobuf">The request as protobuf.</param>
    /// <param name="received">The decoded body as it came, for the repeat's digest; for protobuf the same bytes.</param>
    /// <param name="cancellationToken">Ends the waiting; what was handed to the journal may be stored all the same.</param>
    public async ValueTask<OtlpStored> StoreAsync(
        Intake intake, OtlpSignal signal, ReadOnlyMemory<byte> protobuf, ReadOnlyMemory<byte> received, CancellationToken cancellationToken)
    {
        bool json = !received.Equals(protobuf);
        TenantKeys keys = keyring.Current(intake.Caller.Tenant);
        IngestRuleSet? ruled = await rules.FindAsync(intake.Caller.Tenant);
        QuotaMessage quota = (await tenants.FindAsync(intake.Caller.Tenant))?.Quota ?? QuotaMessage.None;
        if (quota != QuotaMessage.None && quotas.Look(intake.Caller.Tenant, quota, OtlpRecordCount.Of(protobuf.Span), received.Length) is { } early)
        {
            return new OtlpStored(0, early);
        }

        OtlpEncoded encoded;
        using (EncoderPool.Loan loan = await encoders.RentAsync(protobuf.Length, cancellationToken))
        {
            encoded = OtlpSegments.Encode(loan.Encoder, keys, signal, protobuf, intake, options.Value.MaxEventsPerRequest, json, ruled);
        }

        if (encoded.Refusal is not null || encoded.Segments.IsEmpty)
        {
            return new OtlpStored(encoded.Rejected, encoded.Refusal);
        }

        if (quotas.Check(intake.Caller.Tenant, quota, encoded.Accepted, received.Length) is { } over)
        {
            return new OtlpStored(0, over);
        }

        ReadOnlyMemory<byte> digest;
        using (var digests = new Digests(keys, intake.Caller.KeyId, json ? $"otlp/{signal}/json" : $"otlp/{signal}"))
        {
            digest = digests.Request(received.Span);
        }

        AppendResult result = await sink.AppendAsync(intake.Caller.Tenant, encoded.Segments, digest, [], default, priority: false, cancellationToken);
        if (AppendOutcome.RefusalOf(result) is { } refusal)
        {
            return new OtlpStored(0, refusal);
        }

        IngestInstruments.Accepted(intake.Receiver, encoded.Accepted, received.Length, result.Status is AppendStatus.Repeated);
        return new OtlpStored(encoded.Rejected, null);
    }
}

/// <summary>How an OTLP request ended.</summary>
/// <param name="Rejected">Records that were left out (partial success).</param>
/// <param name="Refusal">Why nothing was stored, or null.</param>
internal readonly record struct OtlpStored(int Rejected, Refusal? Refusal)
{
    /// <summary>What the sender is told about rejected records.</summary>
    public string? Message => Rejected == 0 ? null : $"{Rejected} records are longer than {OtlpSegments.MaxRecordBytes} bytes and were not stored";
}
