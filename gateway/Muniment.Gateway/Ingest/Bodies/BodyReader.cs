using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Muniment.Events;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Limits;

namespace Muniment.Gateway.Ingest.Bodies;

/// <summary>Reads whole bodies into rented memory, within the limits of size, inflated size, ratio and bytes in flight.</summary>
internal sealed class BodyReader(CapacityGate gate, IOptions<GatewayOptions> options)
{
    // What a header announces is not memory yet: a body grows as its bytes arrive.
    private const int FirstBufferBytes = 16 * 1024;
    private const int MostFirstBufferBytes = 1 << 20;

    private static readonly Refusal BrokenOff = new(RefusalKind.Malformed, "body: broken off, or its transfer coding is invalid", "body");

    private readonly GatewayOptions _options = options.Value;

    /// <summary>Reads the body of an HTTP receiver: identity or one gzip member.</summary>
    public async ValueTask<(RequestBody? Body, Refusal? Refusal)> ReadAsync(HttpContext context, TenantId tenant)
    {
        if (!TryReadEncoding(context.Request, out bool gzip))
        {
            context.Response.Headers.AcceptEncoding = "gzip";
            return (null, new Refusal(RefusalKind.UnsupportedMediaType, "Content-Encoding: expected gzip or none", "Content-Encoding"));
        }

        (RequestBody? body, Refusal? refusal) = await ReadRawAsync(context, tenant, gzip ? _options.MaxBodyBytes : Math.Min(_options.MaxBodyBytes, _options.MaxInflatedBytes));
        if (gzip && body is not null && (refusal = Inflate(body, 0)) is not null)
        {
            body.Dispose();
            body = null;
        }

        return (body, refusal);
    }

    /// <summary>Reads a body as it is sent, up to <paramref name="maxBytes"/>.</summary>
    public async ValueTask<(RequestBody? Body, Refusal? Refusal)> ReadRawAsync(HttpContext context, TenantId tenant, int maxBytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // Counted here, so that the answer is in the receiver's own words and the server drains the rest for a while: a client that is still sending
            // reads the answer instead of a broken pipe.
            size.MaxRequestBodySize = null;
        }

        if (context.Request.ContentLength > maxBytes)
        {
            return (null, TooLarge(maxBytes));
        }

        var lease = new CapacityLease(gate, tenant);
        var buffer = new PooledBuffer((int)Math.Min(context.Request.ContentLength ?? FirstBufferBytes, MostFirstBufferBytes));
        Refusal? refusal = CapacityRefusals.Full;
        try
        {
            refusal = await FillAsync(context.Request.BodyReader, buffer, lease, maxBytes, context.RequestAborted);
        }
        finally
        {
            if (refusal is not null)
            {
                buffer.Dispose();
                lease.Dispose();
            }
        }

        return refusal is null ? (new RequestBody(buffer, lease), null) : (null, refusal);
    }

    /// <summary>Inflates the gzip member that begins at <paramref name="offset"/> and ends with the body, in place of the body.</summary>
    public Refusal? Inflate(RequestBody body, int offset)
    {
        ReadOnlyMemory<byte> member = body.Memory[offset..];
        var inflated = new PooledBuffer((int)Math.Min(member.Length * 4L, MostFirstBufferBytes));
        Refusal? refusal = StrictGzip.Inflate(member, inflated, body.Lease, _options.MaxInflatedBytes, _options.MaxInflateRatio);
        body.Replace(inflated);
        return refusal;
    }

    private static async ValueTask<Refusal?> FillAsync(PipeReader reader, PooledBuffer buffer, CapacityLease lease, int maxBytes, CancellationToken aborted)
    {
        try
        {
            while (true)
            {
                ReadResult result = await reader.ReadAsync(aborted);
                if (buffer.Length + result.Buffer.Length > maxBytes)
                {
                    reader.AdvanceTo(result.Buffer.End);
                    return TooLarge(maxBytes);
                }

                if (!lease.TryGrowTo(Math.Max(buffer.Capacity, buffer.Length + result.Buffer.Length)))
                {
                    reader.AdvanceTo(result.Buffer.End);
                    return CapacityRefusals.Full;
                }

                foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                {
                    buffer.Write(segment.Span);
                }

                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return null;
                }
            }
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            // A bad chunk size surfaces as a plain IOException; a client that left does too, and then nobody reads this answer.
            return BrokenOff;
        }
    }

    private static bool TryReadEncoding(HttpRequest request, out bool gzip)
    {
        StringValues encoding = request.Headers.ContentEncoding;
        string text = encoding.Count == 1 ? encoding[0]!.Trim() : encoding.ToString();
        gzip = text.Equals("gzip", StringComparison.OrdinalIgnoreCase) || text.Equals("x-gzip", StringComparison.OrdinalIgnoreCase);
        return gzip || text.Length == 0 || text.Equals("identity", StringComparison.OrdinalIgnoreCase);
    }

    private static Refusal TooLarge(int maxBytes) => new(RefusalKind.TooLarge, $"body: larger than {maxBytes} bytes", "body");
}
