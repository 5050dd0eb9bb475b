using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Bodies;
using Muniment.Gateway.Ingest.Json;

namespace Muniment.Gateway.Ingest.Hec;

/// <summary>The Splunk-HEC-compatible receiver. An acknowledgement means that the events are durable; so does every 200.</summary>
internal sealed class HecReceiver(BodyReader bodies, EventIngest ingest, HecChannels channels, TimeProvider time, IOptions<GatewayOptions> options)
{
    private const int MaxAcksPerQuery = 100_000;

    /// <summary><c>/services/collector[/event[/1.0]]</c>.</summary>
    public Task EventAsync(HttpContext context) => StoreAsync(context, raw: false);

    /// <summary><c>/services/collector/raw[/1.0]</c>.</summary>
    public Task RawAsync(HttpContext context) => StoreAsync(context, raw: true);

    /// <summary><c>/services/collector/health[/1.0]</c>.</summary>
    public static Task HealthAsync(HttpContext context) => HecAnswer.WriteAsync(context, HecAnswer.Healthy);

    /// <summary><c>/services/collector/ack</c>.</summary>
    public async Task AckAsync(HttpContext context)
    {
        Caller caller = context.Caller();
        if (!TryReadChannel(context.Request, out Guid? channel) || channel is null)
        {
            await HecAnswer.WriteAsync(context, channel is null && !HasChannel(context.Request) ? HecAnswer.ChannelMissing : HecAnswer.InvalidChannel);
            return;
        }

        (RequestBody? body, Refusal? refusal) = await bodies.ReadAsync(context, caller.Tenant);
        if (body is null)
        {
            await RefuseAsync(context, refusal!);
            return;
        }

        using (body)
        {
            if (ReadAcks(body.Memory) is not { } acks)
            {
                await HecAnswer.WriteAsync(context, HecAnswer.InvalidFormat(-1, "expected {\"acks\":[0,1,…]}"));
                return;
            }

            await RefusalWriter.SendAsync(context, StatusCodes.Status200OK, MediaTypes.Json, AckAnswer(caller.KeyId, channel.Value, acks));
        }
    }

    private async Task StoreAsync(HttpContext context, bool raw)
    {
        Caller caller = context.Caller();
        if (!TryReadChannel(context.Request, out Guid? channel))
        {
            await HecAnswer.WriteAsync(context, HecAnswer.InvalidChannel);
            return;
        }

        (RequestBody? body, Refusal? refusal) = await bodies.ReadAsync(context, caller.Tenant);
        if (body is null)
        {
            await RefuseAsync(context, refusal!);
            return;
        }

        EventsStored stored;
        using (body)
        {
            Intake intake = Intake.Of(context, caller, Receivers.Hec, time);
            var events = new HecEvents(options.Value.MaxEventsPerRequest, intake.ReceivedNs);
            HecMetadata metadata = HecMetadata.From(context.Request.Query);
            HecAnswer? wrong = raw ? events.AddLines(body.Memory, metadata, context.Request.Query["time"]) : events.AddObjects(body.Memory, metadata);
            if (wrong is not null)
            {
                IngestInstruments.Refused(Receivers.Hec, RefusalKind.Malformed);
                await HecAnswer.WriteAsync(context, wrong);
                return;
            }

            stored = await ingest.StoreAsync(intake, events.Events, body.Memory, isLone: false, byBody: true, context.RequestAborted);
        }

        if (stored.Refusal is { } why)
        {
            await RefuseAsync(context, why);
            return;
        }

        await HecAnswer.WriteAsync(context, channel is { } id ? HecAnswer.Success with { AckId = channels.Next(caller.KeyId, id) } : HecAnswer.Success);
    }

    private ReadOnlyMemory<byte> AckAnswer(string keyId, Guid channel, List<long> acks)
    {
        using var stream = new MemoryStream(128);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("acks"u8);
            foreach (long ack in acks.Distinct())
            {
                json.WriteBoolean(ack.ToString(System.Globalization.CultureInfo.InvariantCulture), channels.IsDurable(keyId, channel, ack));
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return stream.GetBuffer().AsMemory(0, (int)stream.Length);
    }

    private static List<long>? ReadAcks(ReadOnlyMemory<byte> body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 4, AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind is not JsonValueKind.Object || !document.RootElement.TryGetProperty("acks"u8, out JsonElement list)
                || list.ValueKind is not JsonValueKind.Array || list.GetArrayLength() > MaxAcksPerQuery)
            {
                return null;
            }

            var acks = new List<long>(list.GetArrayLength());
            foreach (JsonElement item in list.EnumerateArray())
            {
                if (item.ValueKind is not JsonValueKind.Number || !item.TryGetInt64(out long ack))
                {
                    return null;
                }

                acks.Add(ack);
            }

            return acks;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool HasChannel(HttpRequest request) => request.Headers.ContainsKey("X-Splunk-Request-Channel") || request.Query.ContainsKey("channel");

    // True with null when the request names no channel; false when it names one that is none.
    private static bool TryReadChannel(HttpRequest request, out Guid? channel)
    {
        channel = null;
        string text = request.Headers.TryGetValue("X-Splunk-Request-Channel", out var header) ? header.ToString() : request.Query["channel"].ToString();
        if (text.Length == 0)
        {
            return true;
        }

        if (!Guid.TryParse(text, out Guid id))
        {
            return false;
        }

        channel = id;
        return true;
    }

    private static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        IngestInstruments.Refused(Receivers.Hec, refusal.Kind);
        return RefusalWriter.WriteAsync(context, refusal);
    }
}
