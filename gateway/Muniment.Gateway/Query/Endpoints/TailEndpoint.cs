using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Query.Filters;
using Muniment.Gateway.Query.Scanning;
using Muniment.Journal;

namespace Muniment.Gateway.Query.Endpoints;

/// <summary>
/// <c>GET /api/v1/events/tail</c>: server-sent events as they are appended, resumable with <c>Last-Event-ID</c> = seq. Each tail pulls from the journal at its
/// client's pace, so a slow client costs one block of memory, never a queue, and misses nothing. The key is checked again while the tail is open. When
/// the platform stops the answer ends: a tail has no end of its own, and the drain would wait for it until it is cut short.
/// </summary>
internal sealed class TailEndpoint(
    EventScanner scanner, ScanGate gate, Authenticator authenticator, AppendSignal signal, IHostApplicationLifetime lifetime, TimeProvider time)
{
    private const int FlushBytes = 64 * 1024;

    private TimeProvider Time => time;

    private Authenticator Authenticator => authenticator;

    /// <summary>Answers one request; returns when the client has left or its key is no longer valid.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        Caller caller = context.Caller();
        Refusal? refusal = QueryParameters.Read(context, out QueryParameters parameters, "format");
        refusal ??= parameters.Format is null or "canonical" or "flat" ? null : QueryParameters.Bad("format", "canonical or flat");
        string? last = context.Request.Headers["Last-Event-ID"];
        long lastSeq = -1;
        if (!string.IsNullOrEmpty(last) && (!long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out lastSeq) || lastSeq == long.MaxValue))
        {
            refusal ??= QueryParameters.Bad("Last-Event-ID", "the seq of the last event received");
        }

        using IDisposable? place = refusal is null ? gate.TryTail(caller.Tenant) : null;
        refusal ??= place is null ? ScanGate.Full("tails", QueryLimits.MaxTailsPerTenant) : null;
        if (refusal is not null)
        {
            await RefusalWriter.WriteAsync(context, refusal);
            return;
        }

        long from = string.IsNullOrEmpty(last) ? await scanner.SizeAsync(caller.Tenant, context.RequestAborted) : lastSeq + 1;
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        using var output = new StallGuard(context, time);
        await FollowAsync(context, output, new ScanRequest(caller.Tenant, parameters.Filter, EventFilterParser.Sees(caller), new SeqRange(from, from), false), parameters.Format == "flat");
    }

    private async Task FollowAsync(HttpContext context, StallGuard output, ScanRequest request, bool flat)
    {
        var buffer = new ArrayBufferWriter<byte>(2 * FlushBytes);
        buffer.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"retry: 1000\n: from seq {request.Range.From}\n\n")));
        await output.WriteAsync(buffer);
        using var going = CancellationTokenSource.CreateLinkedTokenSource(output.Token, lifetime.ApplicationStopping);
        var key = new KeyWatch(this, context);
        try
        {
            while (!going.IsCancellationRequested)
            {
                Task grown = signal.NextAsync(request.Tenant);
                long size = await scanner.SizeAsync(request.Tenant, going.Token);
                if (size > request.Range.From)
                {
                    if (!await SendAsync(output, request with { Range = new SeqRange(request.Range.From, size) }, flat, buffer, key, going.Token))
                    {
                        return;
                    }

                    request = request with { Range = new SeqRange(size, size) };
                }

                if (key.IsDue)
                {
                    if (!await key.MayStillAsync())
                    {
                        return;
                    }

                    buffer.Write(": still here\n\n"u8);
                    await output.WriteAsync(buffer);
                }

                await WaitAsync(grown, going.Token);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // The client reconnects with the last seq that it has.
        }
    }

    private async Task WaitAsync(Task grown, CancellationToken cancellationToken)
    {
        try
        {
            await grown.WaitAsync(TimeSpan.FromMilliseconds(QueryLimits.TailPollMs), time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Nobody told of anything; another process may have appended.
        }
    }

    /// <summary>Catches up, which may take long; false when the key was revoked on the way.</summary>
    private async Task<bool> SendAsync(StallGuard output, ScanRequest request, bool flat, ArrayBufferWriter<byte> buffer, KeyWatch key, CancellationToken going)
    {
        await foreach (ScanStep step in scanner.WalkAsync(request, going))
        {
            if (key.IsDue && !await key.MayStillAsync())
            {
                return false;
            }

            foreach (CanonicalEvent e in step.Matches)
            {
                Write(e, flat, buffer);
                if (buffer.WrittenCount >= FlushBytes)
                {
                    await output.WriteAsync(buffer);
                }
            }
        }

        if (buffer.WrittenCount > 0)
        {
            await output.WriteAsync(buffer);
        }

        return true;
    }

    /// <summary>Looks at the key again every <see cref="QueryLimits.TailKeepAliveMs"/>. Used by one tail.</summary>
    private sealed class KeyWatch(TailEndpoint owner, HttpContext context)
    {
        private long checkedAt = owner.Time.GetTimestamp();

        public bool IsDue => owner.Time.GetElapsedTime(checkedAt).TotalMilliseconds >= QueryLimits.TailKeepAliveMs;

        public async Task<bool> MayStillAsync()
        {
            checkedAt = owner.Time.GetTimestamp();
            (Caller? caller, Refusal? refusal) = await owner.Authenticator.AuthenticateAsync(context, Permission.ReadEvents, Voice.Problem);
            return refusal is null && caller is not null && owner.Authenticator.Authorize(caller, Permission.ReadEvents, false) is null;
        }
    }

    private static void Write(CanonicalEvent e, bool flat, ArrayBufferWriter<byte> buffer)
    {
        buffer.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {e.Seq}\ndata: ")));
        using (var writer = new Utf8JsonWriter(buffer, JsonText.Compact))
        {
            writer.Event(e, flat);
        }

        buffer.Write("\n\n"u8);
    }
}
