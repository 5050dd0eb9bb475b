using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Bodies;

namespace Muniment.Gateway.Ingest.Json;

/// <summary><c>POST /api/v1/events</c>: one canonical event, an array, or NDJSON.</summary>
internal sealed class EventsReceiver(BodyReader bodies, EventIngest ingest, TimeProvider time, IOptions<GatewayOptions> options)
{
    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Caller caller = context.Caller();
        string media = MediaTypes.Of(context.Request);
        if (media is not (MediaTypes.Json or MediaTypes.Ndjson or ""))
        {
            await RefuseAsync(context, new Refusal(RefusalKind.UnsupportedMediaType, "Content-Type: expected application/json or application/x-ndjson", "Content-Type"));
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
            refusal = EventList.Split(body.Memory, media is MediaTypes.Ndjson, options.Value.MaxEventsPerRequest, out List<ReadOnlyMemory<byte>> events, out bool isLone);
            if (refusal is not null)
            {
                await RefuseAsync(context, refusal);
                return;
            }

            stored = await ingest.StoreAsync(Intake.Of(context, caller, Receivers.Events, time), events, body.Memory, isLone, byBody: false, context.RequestAborted);
            if (stored.Refusal is null)
            {
                await RefusalWriter.SendAsync(context, StatusCodes.Status202Accepted, MediaTypes.Json, Answer(stored));
                return;
            }
        }

        await RefuseAsync(context, stored.Refusal);
    }

    private static ReadOnlyMemory<byte> Answer(EventsStored stored)
    {
        using var stream = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteNumber("accepted"u8, stored.Accepted);
            json.WriteNumber("duplicates"u8, stored.Batch.Items.Count(item => item.Fate is EventFate.Duplicate));
            json.WriteStartArray("rejected"u8);
            for (int i = 0; i < stored.Batch.Items.Count; i++)
            {
                if (stored.Batch.Items[i] is { Fate: EventFate.Rejected } item)
                {
                    json.WriteStartObject();
                    json.WriteNumber("index"u8, i);
                    json.WriteString("field"u8, item.Field);
                    json.WriteString("reason"u8, item.Reason);
                    json.WriteEndObject();
                }
            }

            json.WriteEndArray();
            Seq(json, "first"u8, stored.First);
            Seq(json, "last"u8, stored.Last);
            json.WriteEndObject();
        }

        return stream.GetBuffer().AsMemory(0, (int)stream.Length);
    }

    private static void Seq(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? seq)
    {
        if (seq is { } value)
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        IngestInstruments.Refused(Receivers.Events, refusal.Kind);
        return RefusalWriter.WriteAsync(context, refusal);
    }
}
