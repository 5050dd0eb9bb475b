using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;
using Muniment.Events.Formats;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Query.Filters;
using Muniment.Gateway.Query.Scanning;
using Muniment.Journal;

namespace Muniment.Gateway.Query.Endpoints;

/// <summary>
/// <c>GET /api/v1/export?format=ndjson|csv|flat|ocsf|ecs|udm|asim|cef|leef|cim</c>: every event that matches (or the first <c>limit</c> of them), oldest first unless <c>order=desc</c>,
/// streamed up to the log's end as it was when the export began. The scanner masks what the caller may not see before a format gets the event; an export has no marks of a destination. When reading fails in the middle the connection is cut, so that half an export is never taken for a whole one.
/// </summary>
internal sealed class ExportEndpoint(EventScanner scanner, ScanGate gate, TimeProvider time)
{
    private const int FlushBytes = 64 * 1024;

    /// <summary>Values of <c>format</c>.</summary>
    private static readonly string[] Names = ["ndjson", "csv", "flat", "ocsf", "ecs", "udm", "asim", "cef", "leef", "cim"];

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Caller caller = context.Caller();
        Refusal? refusal = QueryParameters.Read(context, int.MaxValue, out QueryParameters parameters, "format", "order", "limit", "min_seq");
        string format = parameters.Format ?? "ndjson";
        IEventFormat? lines = format == "csv" ? null : EventFormats.Find(format == "ndjson" ? "canonical" : format);
        refusal ??= Names.Contains(format) ? null : QueryParameters.Bad("format", "one of " + string.Join(", ", Names));
        if (refusal is null && parameters.MinSeq is { } minSeq)
        {
            await scanner.WaitForAsync(caller.Tenant, minSeq, time, context.RequestAborted);
        }

        using IDisposable? place = refusal is null ? gate.TryScan(caller.Tenant) : null;
        refusal ??= place is null ? ScanGate.Full("scans", QueryLimits.MaxScansPerTenant) : null;
        if (refusal is not null)
        {
            await RefusalWriter.WriteAsync(context, refusal);
            return;
        }

        long size = await scanner.SizeAsync(caller.Tenant, context.RequestAborted);
        context.Response.ContentType = lines is null ? "text/csv; charset=utf-8" : lines.IsJson ? MediaTypes.Ndjson : lines.ContentType;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"events.{(lines is not { IsJson: true } ? format : format is "ndjson" or "flat" ? "ndjson" : format + ".ndjson")}\"";
        context.Response.Headers.CacheControl = "no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var request = new ScanRequest(caller.Tenant, parameters.Filter, EventFilterParser.Sees(caller), new SeqRange(0, size), parameters.Order == "desc");
        await WriteAsync(context, request, lines, parameters.Limit ?? long.MaxValue);
    }

    private async Task WriteAsync(HttpContext context, ScanRequest request, IEventFormat? lines, long limit)
    {
        using var output = new StallGuard(context, time);
        var buffer = new ArrayBufferWriter<byte>(2 * FlushBytes);
        if (lines is null)
        {
            CsvWriter.WriteHeader(buffer);
        }

        await output.WriteAsync(buffer);
        await foreach (ScanStep step in scanner.WalkAsync(request, output.Token))
        {
            foreach (CanonicalEvent e in step.Matches)
            {
                if (limit-- == 0)
                {
                    await output.WriteAsync(buffer);
                    return;
                }

                Write(e, lines, buffer);
                if (buffer.WrittenCount >= FlushBytes)
                {
                    await output.WriteAsync(buffer);
                }
            }
        }

        await output.WriteAsync(buffer);
    }

    private static void Write(CanonicalEvent e, IEventFormat? lines, ArrayBufferWriter<byte> buffer)
    {
        if (lines is null)
        {
            CsvWriter.Write(e, buffer);
            return;
        }

        lines.Write(e, EventMarks.None, buffer);
        buffer.Write("\n"u8);
    }
}
