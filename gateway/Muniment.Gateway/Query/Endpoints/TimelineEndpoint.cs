using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Sessions;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Query.Filters;
using Muniment.Gateway.Query.Scanning;

namespace Muniment.Gateway.Query.Endpoints;

/// <summary>
/// <c>GET /api/v1/timeline</c>: what happened around a ticket, incident, repo, session or trace, or between two times, merged in order of <c>ts</c>. A session is one
/// item at its start (folded from the events that match); decisions, admin changes and alerts are items of their own, and so are markers, which are posted
/// events outside any session. All items at once unless a <c>limit</c> is named; then <c>next</c> goes on.
/// </summary>
internal sealed class TimelineEndpoint(EventScanner scanner, ScanGate gate, TimeProvider time)
{
    private static readonly string[] Names = ["ticket", "incident", "repo", "session", "trace"];

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Caller caller = context.Caller();
        uint question = Cursor.Question("timeline", caller.Tenant.Value, context.Request.Query);
        Refusal? refusal = Read(context.Request.Query, caller, question, out EventFilter filter, out int limit, out TimelineCursor? after);
        using IDisposable? slot = refusal is null ? gate.TryScan(caller.Tenant) : null;
        refusal ??= slot is null ? ScanGate.Full("scans", QueryLimits.MaxScansPerTenant) : null;
        if (refusal is not null)
        {
            await RefusalWriter.WriteAsync(context, refusal);
            return;
        }

        var sessions = new Dictionary<string, SessionFold>(StringComparer.Ordinal);
        var single = new List<CanonicalEvent>();
        bool full = false;
        bool complete = await new Collector(scanner, time).WalkAsync(caller, filter, e =>
        {
            if (e.Trace?.Session is { Length: > 0 } id)
            {
                if (!sessions.TryGetValue(id, out SessionFold? fold) && sessions.Count < QueryLimits.MaxTimeline)
                {
                    sessions[id] = fold = new SessionFold(id);
                }

                fold?.Add(e);
                full |= fold is null;
                if (e.Stream == "activity")
                {
                    return;
                }
            }

            full |= single.Count == QueryLimits.MaxTimeline;
            if (single.Count < QueryLimits.MaxTimeline)
            {
                single.Add(e);
            }
        }, context.RequestAborted);
        await JsonAnswer.SendAsync(context, writer => Write(writer, sessions.Values, single, complete && !full, question, limit, after));
    }

    private static Refusal? Read(IQueryCollection query, Caller caller, uint question, out EventFilter filter, out int limit, out TimelineCursor? after)
    {
        filter = EventFilter.All;
        limit = int.MaxValue;
        after = null;
        var fields = ImmutableArray.CreateBuilder<FieldCondition>();
        foreach ((string name, var values) in query)
        {
            if (values.Count != 1 || values[0] is not { Length: > 0 and <= QueryLimits.MaxParameterLength } value)
            {
                return QueryParameters.Bad(name, "one value");
            }

            if (Array.IndexOf(Names, name) >= 0)
            {
                FilterName field = FilterName.Find(name) ?? FilterName.Work.First(w => w.Name == name);
                fields.Add(new FieldCondition(field, [name == "trace" ? value.ToLowerInvariant() : value]));
                continue;
            }

            if (name == "limit")
            {
                if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > QueryLimits.MaxPage)
                {
                    return QueryParameters.Bad(name, $"an integer from 1 to {QueryLimits.MaxPage}");
                }

                continue;
            }

            if (name == "cursor")
            {
                if (!TimelineCursor.TryRead(value, question, out after))
                {
                    return QueryParameters.Bad(name, "the value of next of the same query");
                }

                continue;
            }

            if (name is not ("from" or "to"))
            {
                return QueryParameters.Unknown(name);
            }

            if (!QueryParameters.TryTime(value, out long ns))
            {
                return QueryParameters.Bad(name, Timestamps.Expected);
            }

            filter = name == "from" ? filter with { SinceNs = ns } : filter with { UntilNs = ns };
        }

        if (fields.Count == 0 && (filter.SinceNs == long.MinValue || filter.UntilNs == long.MaxValue))
        {
            return QueryParameters.Bad("ticket", "one of ticket, incident, repo, session, trace, or both from and to");
        }

        filter = filter with { Fields = EventFilterParser.Bind(fields, caller).ToImmutable() };
        return null;
    }

    private static void Write(Utf8JsonWriter writer, IEnumerable<SessionFold> sessions, List<CanonicalEvent> single, bool complete, uint question, int limit, TimelineCursor? after)
    {
        var items = new List<(long TimeNs, long Seq, Action Write)>();
        items.AddRange(sessions.Select(s => (s.StartedNs, s.LastSeq, (Action)(() => WriteSession(writer, s)))));
        items.AddRange(single.Select(e => (e.TimeNs, e.Seq, (Action)(() => WriteEvent(writer, e)))));
        items = [.. items.OrderBy(i => i.TimeNs).ThenBy(i => i.Seq)];
        (int from, int to, TimelineCursor? next) = TimelineCursor.Page(items.ConvertAll(i => i.TimeNs), after, limit);
        writer.WriteStartObject();
        writer.WriteStartArray("items"u8);
        for (int i = from; i < to; i++)
        {
            items[i].Write();
        }

        writer.WriteEndArray();
        writer.TextOrNull("next", next?.Write(question));
        writer.WriteBoolean("complete"u8, complete);
        writer.WriteEndObject();
    }

    private static void WriteSession(Utf8JsonWriter writer, SessionFold fold)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "session"u8);
        writer.WriteString("ts"u8, Timestamps.Format(fold.StartedNs));
        writer.WriteStartObject("session"u8);
        fold.WriteMembers(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteEvent(Utf8JsonWriter writer, CanonicalEvent e)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, e.Stream is null or "activity" ? "marker" : e.Stream);
        writer.WriteString("ts"u8, Timestamps.Format(e.TimeNs));
        writer.WritePropertyName("event"u8);
        writer.Event(e, flat: false);
        writer.WriteEndObject();
    }
}
