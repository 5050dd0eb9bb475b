using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Muniment.Events.Otlp;
using Muniment.Gateway.Ingest.Hec;
using Muniment.Gateway.Ingest.Limits;

namespace Muniment.Gateway.Hosting;

/// <summary>Says a refusal in the words of the endpoint's protocol. The only place that writes error answers.</summary>
internal static class RefusalWriter
{
    /// <summary>Writes the answer, unless one has begun: then the connection is cut, so that nobody takes half an answer for a whole one.</summary>
    public static async Task WriteAsync(HttpContext context, Refusal refusal)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }

        if (refusal.IsHeld)
        {
            await RefusalPause.WaitAsync(context.RequestAborted);
        }

        if (refusal.RetryAfterSeconds > 0)
        {
            context.Response.Headers.RetryAfter = refusal.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        if (refusal.Kind is RefusalKind.Unauthenticated)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        await (context.Voice() switch
        {
            Voice.Grpc => GrpcAsync(context, refusal),
            Voice.Otlp => OtlpAsync(context, refusal),
            Voice.Hec => HecAnswer.WriteAsync(context, HecAnswer.For(refusal)),
            Voice.Llm => Llm.Answers.LlmError.Of(refusal).WriteAsync(context, Llm.LlmShapes.Of(context), TraceId(context)),
            _ => ProblemAsync(context, refusal),
        });
    }

    /// <summary>Writes an RFC 9457 document whatever the endpoint's voice.</summary>
    public static Task ProblemAsync(HttpContext context, Refusal refusal) =>
        new ProblemResult(refusal.StatusCode, refusal.Title, refusal.Detail, refusal.Kind is RefusalKind.Unauthenticated ? "Authorization" : refusal.Field).ExecuteAsync(context);

    /// <summary>The id by which this request is found in the platform's own traces and logs.</summary>
    public static string TraceId(HttpContext context) => Activity.Current?.TraceId.ToHexString() ?? context.TraceIdentifier;

    private static Task OtlpAsync(HttpContext context, Refusal refusal)
    {
        // 415 means that the encoding of the request is not known, so its status is plain text, as the collector's is.
        string media = MediaTypes.Of(context.Request);
        return media switch
        {
            MediaTypes.Protobuf => SendAsync(context, refusal.StatusCode, MediaTypes.Protobuf, GrpcStatus.Body(refusal, OtlpEncoding.Protobuf)),
            MediaTypes.Json => SendAsync(context, refusal.StatusCode, MediaTypes.Json, GrpcStatus.Body(refusal, OtlpEncoding.Json)),
            _ => ProblemAsync(context, refusal),
        };
    }

    private static Task GrpcAsync(HttpContext context, Refusal refusal)
    {
        HttpResponse response = context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        response.Headers.Remove("Retry-After");
        response.Headers.Remove("WWW-Authenticate");
        response.Headers["grpc-status"] = refusal.GrpcStatus.ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = GrpcStatus.MessageHeader(refusal.Detail);
        if (refusal.RetryAfterSeconds > 0)
        {
            response.Headers["grpc-status-details-bin"] = GrpcStatus.DetailsHeader(refusal);
        }

        return Task.CompletedTask;
    }

    internal static async Task SendAsync(HttpContext context, int statusCode, string contentType, ReadOnlyMemory<byte> body)
    {
        HttpResponse response = context.Response;
        response.StatusCode = statusCode;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(body, context.RequestAborted);
        }
    }
}
