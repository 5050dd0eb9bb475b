using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Bodies;
using Muniment.Gateway.Ingest.Json;

namespace Muniment.Gateway.Ingest.Opa;

/// <summary>
/// <c>POST /api/v1/opa/logs</c>: OPA's decision logs, a gzipped JSON array, as its <c>decision_logs</c> plugin sends it to a service at <c>…/api/v1/opa</c>. Answered with 200 only after
/// the decisions are durable; what OPA sends again is known by its id.
/// </summary>
internal sealed class OpaReceiver(BodyReader bodies, EventIngest ingest, TimeProvider time, IOptions<GatewayOptions> options)
{
    /// <summary>Name of the dialect in <c>source.dialect</c>.</summary>
    public const string Dialect = "opa-decision-log";

    private static readonly JsonDocumentOptions EntryOptions = new() { MaxDepth = 60 };

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Caller caller = context.Caller();
        if (MediaTypes.Of(context.Request) is not (MediaTypes.Json or ""))
        {
            await RefuseAsync(context, new Refusal(RefusalKind.UnsupportedMediaType, "Content-Type: expected application/json", "Content-Type"));
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
            refusal = EventList.Split(body.Memory, lines: false, options.Value.MaxEventsPerRequest, out List<ReadOnlyMemory<byte>> entries, out bool isLone);
            refusal ??= isLone ? new Refusal(RefusalKind.Malformed, "body: expected a JSON array of decisions", "body") : null;
            List<ReadOnlyMemory<byte>> events = [];
            refusal ??= Map(entries, events, Intake.Nanoseconds(time));
            if (refusal is null)
            {
                Intake intake = Intake.Of(context, caller, Receivers.Events, time) with { Dialect = Dialect, IsImport = true };
                refusal = (await ingest.StoreAsync(intake, events, body.Memory, isLone: false, byBody: false, context.RequestAborted)).Refusal;
            }
        }

        if (refusal is not null)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentLength = 0;
    }

    private static Refusal? Map(List<ReadOnlyMemory<byte>> entries, List<ReadOnlyMemory<byte>> events, long receivedNs)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            try
            {
                using JsonDocument entry = JsonDocument.Parse(entries[i], EntryOptions);
                if (entry.RootElement.ValueKind is JsonValueKind.Object && OpaEvent.Map(entry.RootElement, receivedNs) is { } json)
                {
                    events.Add(json);
                    continue;
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // Said below: whoever sends this is no OPA.
            }

            return new Refusal(RefusalKind.Malformed, $"[{i}]: expected a decision, a JSON object of at most 1 MiB", $"[{i}]");
        }

        return null;
    }

    private static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        IngestInstruments.Refused(Receivers.Events, refusal.Kind);
        return RefusalWriter.WriteAsync(context, refusal);
    }
}
