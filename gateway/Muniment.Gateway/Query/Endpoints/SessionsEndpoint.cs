using Microsoft.AspNetCore.Http;
using Muniment.Events.Canonical.Sessions;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Query.Scanning;
using Muniment.Gateway.Query.Sessions;

namespace Muniment.Gateway.Query.Endpoints;

/// <summary><c>GET /api/v1/sessions</c>: summaries, the session with the newest event first; <c>user, agent, project</c> narrow it.</summary>
internal sealed class SessionsEndpoint(ISessionDirectory directory, ScanGate gate)
{
    private static readonly string[] Known = ["limit", "cursor", "user", "agent", "project"];

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Caller caller = context.Caller();
        IQueryCollection query = context.Request.Query;
        Refusal? refusal = query.Keys.FirstOrDefault(k => !Known.Contains(k)) is { } unknown ? QueryParameters.Unknown(unknown) : null;
        int limit = QueryLimits.DefaultPage;
        if (query.TryGetValue("limit", out var text) && (!int.TryParse(text, out limit) || limit is < 1 or > QueryLimits.MaxPage))
        {
            refusal ??= QueryParameters.Bad("limit", $"an integer from 1 to {QueryLimits.MaxPage}");
        }

        uint question = Cursor.Question("sessions", caller.Tenant.Value, query);
        Cursor? cursor = null;
        if (query.TryGetValue("cursor", out var place) && !Cursor.TryRead(place.ToString(), question, out cursor))
        {
            refusal ??= QueryParameters.Bad("cursor", "the value of next of the same query");
        }

        using IDisposable? slot = refusal is null ? gate.TryScan(caller.Tenant) : null;
        refusal ??= slot is null ? ScanGate.Full("scans", QueryLimits.MaxScansPerTenant) : null;
        if (refusal is not null)
        {
            await RefusalWriter.WriteAsync(context, refusal);
            return;
        }

        var filter = new SessionFilter(query["user"], query["agent"], query["project"], caller.User, caller.Project);
        SessionPage page = await directory.ListAsync(caller.Tenant, filter, cursor?.Seq ?? long.MaxValue, limit, context.RequestAborted);
        await JsonAnswer.SendAsync(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items"u8);
            foreach (SessionSummary session in page.Sessions)
            {
                writer.WriteRawValue(session.Json.Span, skipInputValidation: true);
            }

            writer.WriteEndArray();
            writer.TextOrNull("next", page.Sessions.Length == limit ? new Cursor(false, page.Sessions[^1].LastSeq).Write(question) : null);
            writer.WriteNumber("folded_from"u8, page.FoldedFrom);
            writer.WriteEndObject();
        });
    }
}
