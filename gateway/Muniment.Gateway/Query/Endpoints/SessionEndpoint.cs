using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Sessions;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Query.Filters;
using Muniment.Gateway.Query.Scanning;
using Muniment.Gateway.Query.Sessions;

namespace Muniment.Gateway.Query.Endpoints;

/// <summary>
/// <c>GET /api/v1/sessions/{id}</c>: the summary and the timeline, oldest first. The timeline comes straight from the journal, within the limits of a scan; the summary from the session's
/// grain, which knows all of it, or for a bound key from the events that it may see. <c>complete</c> is false when a limit cut the timeline; <c>GET events?session=</c> gives all of it.
/// </summary>
internal sealed class SessionEndpoint(EventScanner scanner, ISessionDirectory directory, ScanGate gate, TimeProvider time)
{
    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Caller caller = context.Caller();
        string id = PathSegment.Last(context);
        Refusal? refusal = context.Request.Query.Keys.FirstOrDefault() is { } unknown ? QueryParameters.Unknown(unknown) : null;
        using IDisposable? slot = refusal is null ? gate.TryScan(caller.Tenant) : null;
        refusal ??= slot is null ? ScanGate.Full("scans", QueryLimits.MaxScansPerTenant) : null;
        if (refusal is not null)
        {
            await RefusalWriter.WriteAsync(context, refusal);
            return;
        }

        var fold = new SessionFold(id);
        var timeline = new List<CanonicalEvent>();
        bool complete = await new Collector(scanner, time).WalkAsync(caller, Collector.Only(FilterName.Find("session")!, [id], caller), e =>
        {
            fold.Add(e);
            if (timeline.Count < QueryLimits.MaxTimeline)
            {
                timeline.Add(e);
            }
        }, context.RequestAborted);
        SessionSummary? all = caller.User is null && caller.Project is null ? await directory.FindAsync(caller.Tenant, id, context.RequestAborted) : null;
        if (fold.Events == 0 && all is not { Events: > 0 })
        {
            Refusal none = all is null
                ? new Refusal(RefusalKind.NotFound, "there is no session of this id")
                : new Refusal(RefusalKind.Unavailable, "no event of this session was found in the time that one question may take; the next one goes on from there");
            await RefusalWriter.WriteAsync(context, none);
            return;
        }

        await JsonAnswer.SendAsync(context, writer =>
        {
            writer.WriteStartObject();
            if (all is not { Events: > 0 })
            {
                fold.WriteMembers(writer);
            }
            else
            {
                WriteMembers(writer, all);
            }

            writer.WriteStartArray("timeline"u8);
            timeline.ForEach(e => writer.Event(e, flat: false));
            writer.WriteEndArray();
            writer.WriteBoolean("complete"u8, complete && all is not { IsComplete: false } && (all?.Events ?? fold.Events) == timeline.Count);
            writer.WriteEndObject();
        });
    }

    private static void WriteMembers(Utf8JsonWriter writer, SessionSummary summary)
    {
        using JsonDocument json = JsonDocument.Parse(summary.Json);
        foreach (JsonProperty member in json.RootElement.EnumerateObject())
        {
            member.WriteTo(writer);
        }
    }
}
