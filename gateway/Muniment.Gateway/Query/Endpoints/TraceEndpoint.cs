using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Query.Filters;
using Muniment.Gateway.Query.Scanning;

namespace Muniment.Gateway.Query.Endpoints;

/// <summary><c>GET /api/v1/traces/{id}</c>: the spans of a trace by start, and every other event that names it, in order.</summary>
internal sealed class TraceEndpoint(EventScanner scanner, ScanGate gate, TimeProvider time)
{
    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Caller caller = context.Caller();
        string id = PathSegment.Last(context).ToLowerInvariant();
        Refusal? refusal = context.Request.Query.Keys.FirstOrDefault() is { } unknown ? QueryParameters.Unknown(unknown) : null;
        if (id.Length != 32 || id.AsSpan().ContainsAnyExcept("0123456789abcdef"))
        {
            refusal ??= QueryParameters.Bad("id", "32 hex digits");
        }

        using IDisposable? slot = refusal is null ? gate.TryScan(caller.Tenant) : null;
        refusal ??= slot is null ? ScanGate.Full("scans", QueryLimits.MaxScansPerTenant) : null;
        if (refusal is not null)
        {
            await RefusalWriter.WriteAsync(context, refusal);
            return;
        }

        var spans = new List<CanonicalEvent>();
        var events = new List<CanonicalEvent>();
        bool complete = await new Collector(scanner, time).WalkAsync(caller, Collector.Only(FilterName.Find("trace")!, [id], caller), e =>
        {
            List<CanonicalEvent> list = e.Kind == EntryKind.Span ? spans : events;
            if (list.Count < QueryLimits.MaxTimeline)
            {
                list.Add(e);
            }
        }, context.RequestAborted);
        if (spans.Count + events.Count == 0)
        {
            await RefusalWriter.WriteAsync(context, new Refusal(RefusalKind.NotFound, "there is no trace of this id"));
            return;
        }

        await JsonAnswer.SendAsync(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("spans"u8);
            foreach (CanonicalEvent span in spans.OrderBy(s => s.TimeNs).ThenBy(s => s.Seq))
            {
                WriteSpan(writer, span);
            }

            writer.WriteEndArray();
            writer.WriteStartArray("events"u8);
            events.ForEach(e => writer.Event(e, flat: false));
            writer.WriteEndArray();
            writer.WriteBoolean("complete"u8, complete && spans.Count < QueryLimits.MaxTimeline && events.Count < QueryLimits.MaxTimeline);
            writer.WriteEndObject();
        });
    }

    private static void WriteSpan(Utf8JsonWriter writer, CanonicalEvent span)
    {
        string? parent = DetailPath.Find(span.Details, "parent_span_id"u8).Text;
        writer.WriteStartObject();
        writer.TextOrNull("span_id", span.Trace?.SpanId);
        writer.TextOrNull("parent", string.IsNullOrEmpty(parent) ? null : parent);
        writer.TextOrNull("name", DetailPath.Find(span.Details, "name"u8).Text);
        writer.TextOrNull("service", DetailPath.Find(span.Details, "resource.service.name"u8).AsText());
        writer.TextOrNull("start", Time(span, "start_time_unix_nano"u8));
        writer.TextOrNull("end", Time(span, "end_time_unix_nano"u8));
        writer.WriteString("status", Status(DetailPath.Find(span.Details, "status.code"u8)));
        writer.WriteEndObject();
    }

    private static string? Time(CanonicalEvent span, ReadOnlySpan<byte> name) =>
        long.TryParse(DetailPath.Find(span.Details, name).AsText(), out long ns) && ns > 0 ? Timestamps.Format(ns) : null;

    private static string Status(FieldValue code) => code.AsText() switch
    {
        "1" or "STATUS_CODE_OK" => "ok",
        "2" or "STATUS_CODE_ERROR" => "error",
        _ => "unset",
    };
}
