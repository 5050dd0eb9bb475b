using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Query.Filters;
using Muniment.Gateway.Query.Scanning;
using Muniment.Journal;

namespace Muniment.Gateway.Query.Endpoints;

/// <summary>
/// <c>GET /api/v1/export?format=ndjson|csv|flat</c>: every event that matches (or the first <c>limit</c> of them), oldest first unless <c>order=desc</c>, streamed up to the log's end as it was
/// when the export began. When reading fails in the middle the connection is cut, so that half an export is never taken for a whole one.
/// </summary>
internal sealed class ExportEndpoint(EventScanner scanner, ScanGate gate, TimeProvider time)
{
    private const int FlushBytes = 64 * 1024;

    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Caller caller = context.Caller();
        Refusal? refusal = QueryParameters.Read(context, int.MaxValue, out QueryParameters parameters, "format", "order", "limit", "min_seq");
        string format = parameters.Format ?? "ndjson";
        refusal ??= format is "ndjson" or "csv" or "flat" ? null : QueryParameters.Bad("format", "one of ndjson, csv, flat");
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
        context.Response.ContentType = format == "csv" ? "text/csv; charset=utf-8" : MediaTypes.Ndjson;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"events.{(format == "csv" ? "csv" : "ndjson")}\"";
        context.Response.Headers.CacheControl = "no-store";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var request = new ScanRequest(caller.Tenant, parameters.Filter, EventFilterParser.Sees(caller), new SeqRange(0, size), parameters.Order == "desc");
        await WriteAsync(context, request, format, parameters.Limit ?? long.MaxValue);
    }

    private async Task WriteAsync(HttpContext context, ScanRequest request, string format, long limit)
    {
        using var output = new StallGuard(context, time);
        var buffer = new ArrayBufferWriter<byte>(2 * FlushBytes);
        using var writer = new Utf8JsonWriter(buffer, JsonText.Compact);
        if (format == "csv")
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

                Write(e, format, writer, buffer);
                if (buffer.WrittenCount >= FlushBytes)
                {
                    await output.WriteAsync(buffer);
                }
            }
        }

        await output.WriteAsync(buffer);
    }

    private static void Write(CanonicalEvent e, string format, Utf8JsonWriter writer, ArrayBufferWriter<byte> buffer)
    {
        if (format == "csv")
        {
            CsvWriter.Write(e, buffer);
            return;
        }

        writer.Reset();
        writer.Event(e, format == "flat");
        writer.Flush();
        buffer.Write("\n"u8);
    }
}
