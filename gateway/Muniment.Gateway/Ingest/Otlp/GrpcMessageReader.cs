using System.Buffers.Binary;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Muniment.Events;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Bodies;

namespace Muniment.Gateway.Ingest.Otlp;

/// <summary>Reads the one message of a unary gRPC call: a flag byte, a big-endian length, and the message, perhaps gzip.</summary>
internal sealed class GrpcMessageReader(BodyReader bodies, IOptions<GatewayOptions> options)
{
    /// <summary>Flag and length before a message.</summary>
    public const int PrefixBytes = 5;

    /// <summary>The body and where the message begins in it, or the refusal.</summary>
    public async ValueTask<(RequestBody? Body, int Offset, Refusal? Refusal)> ReadAsync(HttpContext context, TenantId tenant)
    {
        (RequestBody? body, Refusal? refusal) = await bodies.ReadRawAsync(context, tenant, options.Value.MaxBodyBytes + PrefixBytes);
        if (body is null)
        {
            return (null, 0, refusal);
        }

        refusal = Check(context, body.Memory.Span, out bool compressed);
        if (refusal is null && compressed)
        {
            refusal = bodies.Inflate(body, PrefixBytes);
        }

        if (refusal is null)
        {
            return (body, compressed ? 0 : PrefixBytes, null);
        }

        body.Dispose();
        return (null, 0, refusal);
    }

    private Refusal? Check(HttpContext context, ReadOnlySpan<byte> body, out bool compressed)
    {
        compressed = false;
        if (body.Length < PrefixBytes)
        {
            return new Refusal(RefusalKind.Malformed, "the call carries no message", "message");
        }

        uint length = BinaryPrimitives.ReadUInt32BigEndian(body[1..]);
        if (length > options.Value.MaxBodyBytes)
        {
            return new Refusal(RefusalKind.TooLarge, $"message: {length} bytes announced, at most {options.Value.MaxBodyBytes} are taken", "message");
        }

        if (length != body.Length - PrefixBytes)
        {
            return new Refusal(RefusalKind.Malformed, $"message: {length} bytes announced, {body.Length - PrefixBytes} sent; expected exactly one message", "message");
        }

        compressed = body[0] == 1;
        if (body[0] > 1)
        {
            return new Refusal(RefusalKind.Malformed, "message: expected a flag byte of 0 or 1", "message");
        }

        string encoding = context.Request.Headers["grpc-encoding"].ToString();
        if (!compressed || encoding == "gzip")
        {
            return null;
        }

        if (encoding is "" or "identity")
        {
            return new Refusal(RefusalKind.Internal, "message: flagged as compressed, but grpc-encoding names no compression", "grpc-encoding");
        }

        context.Response.Headers["grpc-accept-encoding"] = "gzip,identity";
        return new Refusal(RefusalKind.UnsupportedMediaType, "grpc-encoding: expected gzip or identity", "grpc-encoding");
    }
}
