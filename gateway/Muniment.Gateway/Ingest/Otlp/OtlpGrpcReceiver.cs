using System.Buffers.Binary;
using Microsoft.AspNetCore.Http;
using Muniment.Events.Otlp;
using Muniment.Gateway.Access;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Bodies;

namespace Muniment.Gateway.Ingest.Otlp;

/// <summary>
/// OTLP/gRPC without a gRPC library: unary calls are one length-prefixed message each way and trailers (see the gRPC over HTTP/2 description). Refusals are
/// trailers-only answers; what may be sent again carries RetryInfo, as the OTLP specification asks.
/// </summary>
internal sealed class OtlpGrpcReceiver(GrpcMessageReader messages, OtlpIngest ingest, TimeProvider time)
{
    /// <summary>Answers one Export call.</summary>
    public async Task HandleAsync(HttpContext context, OtlpSignal signal)
    {
        if (!MediaTypes.Of(context.Request).StartsWith(MediaTypes.Grpc, StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            await context.Response.WriteAsync("Content-Type: expected application/grpc", context.RequestAborted);
            return;
        }

        if (!GrpcTimeout.TryParse(context.Request.Headers["grpc-timeout"], out TimeSpan? timeout))
        {
            await RefuseAsync(context, new Refusal(RefusalKind.Malformed, "grpc-timeout: expected up to eight digits and a unit of HMSmun", "grpc-timeout"));
            return;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        if (timeout is { } limit)
        {
            deadline.CancelAfter(limit);
        }

        try
        {
            await ExportAsync(context, signal, deadline.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await RefuseAsync(context, new Refusal(RefusalKind.DeadlineExceeded, "the call's deadline passed; sending it again is safe"));
        }
    }

    private async Task ExportAsync(HttpContext context, OtlpSignal signal, CancellationToken cancellationToken)
    {
        Caller caller = context.Caller();
        (RequestBody? body, int offset, Refusal? refusal) = await messages.ReadAsync(context, caller.Tenant);
        if (body is null)
        {
            await RefuseAsync(context, refusal!);
            return;
        }

        OtlpStored stored;
        using (body)
        {
            ReadOnlyMemory<byte> message = body.Memory[offset..];
            stored = await ingest.StoreAsync(Intake.Of(context, caller, Receivers.OtlpGrpc, time), signal, message, message, cancellationToken);
        }

        if (stored.Refusal is { } why)
        {
            await RefuseAsync(context, why);
            return;
        }

        await AnswerAsync(context, OtlpResponses.Success(signal, OtlpEncoding.Protobuf, stored.Rejected, stored.Message));
    }

    private static async Task AnswerAsync(HttpContext context, ReadOnlyMemory<byte> message)
    {
        context.Response.ContentType = MediaTypes.Grpc;
        byte[] frame = new byte[GrpcMessageReader.PrefixBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame.AsMemory(GrpcMessageReader.PrefixBytes));
        await context.Response.Body.WriteAsync(frame, context.RequestAborted);
        context.Response.AppendTrailer("grpc-status", "0");
    }

    private static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        IngestInstruments.Refused(Receivers.OtlpGrpc, refusal.Kind);
        return RefusalWriter.WriteAsync(context, refusal);
    }
}
