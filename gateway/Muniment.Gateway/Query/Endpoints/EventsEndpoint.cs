using Microsoft.AspNetCore.Http;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Query.Filters;
using Muniment.Gateway.Query.Scanning;
using Muniment.Journal;

namespace Muniment.Gateway.Query.Endpoints;

/// <summary><c>GET /api/v1/events</c>: a page of events, newest first unless <c>order=asc</c>.</summary>
internal sealed class EventsEndpoint(EventScanner scanner, ScanGate gate, TimeProvider time)
{
    /// <summary>Answers one request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Caller caller = context.Caller();
        Refusal? refusal = QueryParameters.Read(context, out QueryParameters parameters, "limit", "cursor", "order", "format", "min_seq");
        refusal ??= parameters.Format is null or "canonical" or "flat" ? null : QueryParameters.Bad("format", "canonical or flat");
        bool ascending = parameters.Order == "asc";
        uint question = Cursor.Question("events", caller.Tenant.Value, context.Request.Query);
        SeqRange range = SeqRange.All;
        if (refusal is null && parameters.Cursor is { } text)
        {
            if (Cursor.TryRead(text, question, out Cursor? cursor) && cursor.Value.Ascending == ascending)
            {
                range = ascending ? new SeqRange(cursor.Value.Seq, long.MaxValue) : new SeqRange(0, cursor.Value.Seq);
            }
            else
            {
                refusal = QueryParameters.Bad("cursor", "the value of next of the same query");
            }
        }

        if (refusal is not null)
        {
            await RefusalWriter.WriteAsync(context, refusal);
            return;
        }

        if (parameters.MinSeq is { } minSeq)
        {
            await scanner.WaitForAsync(caller.Tenant, minSeq, time, context.RequestAborted);
        }

        using IDisposable? place = gate.TryScan(caller.Tenant);
        if (place is null)
        {
            await RefusalWriter.WriteAsync(context, ScanGate.Full("scans", QueryLimits.MaxScansPerTenant));
            return;
        }

        var request = new ScanRequest(caller.Tenant, parameters.Filter, EventFilterParser.Sees(caller), range, !ascending);
        EventPage page = await CollectAsync(request, parameters.Limit ?? QueryLimits.DefaultPage, parameters.Format == "flat", context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store";
        await RefusalWriter.SendAsync(context, StatusCodes.Status200OK, "application/json", page.Finish(question, ascending));
    }

    private async Task<EventPage> CollectAsync(ScanRequest request, int limit, bool flat, CancellationToken cancellationToken)
    {
        var page = new EventPage(flat);
        long start = time.GetTimestamp();
        await foreach (ScanStep step in scanner.WalkAsync(request, cancellationToken))
        {
            foreach (CanonicalEvent e in step.Matches)
            {
                if (page.Count == limit || page.SizeBytes > QueryLimits.MaxPageBytes)
                {
                    return page;
                }

                page.Add(e, request.NewestFirst ? e.Seq : e.Seq + 1);
            }

            page.Scanned += step.Block.EndSeq - step.Block.FirstSeq;
            page.Next = step.After(request.NewestFirst);
            if (page.Scanned >= QueryLimits.MaxScanEvents || time.GetElapsedTime(start).TotalMilliseconds >= QueryLimits.MaxScanMs)
            {
                // Newest first at seq 0 nothing is left; else the caller goes on from here.
                page.Ended = request.NewestFirst && page.Next == 0;
                return page;
            }
        }

        page.Ended = true;
        return page;
    }
}
