using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Muniment.Gateway.Administration;

namespace Muniment.Gateway.Hosting;

/// <summary>
/// The outermost middleware: refuses requests that are framed twice, gives every empty error answer a body, and is one of the three places where exceptions
/// are caught: broken requests become 4xx, silent grains 503, and only our own faults 500.
/// </summary>
internal sealed partial class RequestEdge(ILogger<RequestEdge> logger)
{
    /// <summary>Runs the rest of the pipeline.</summary>
    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            if (IsFramedTwice(context.Request))
            {
                context.Response.Headers.Connection = "close";
                await RefusalWriter.WriteAsync(context, new Refusal(RefusalKind.Malformed, "Content-Length and Transfer-Encoding in one request", "Content-Length"));
                return;
            }

            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
            {
                await RefusalWriter.WriteAsync(context, Empty(context.Response.StatusCode));
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client left; there is nobody to answer.
        }
        catch (BadHttpRequestException e)
        {
            await RefusalWriter.WriteAsync(context, Broken(e));
        }
        catch (AdminLogException e)
        {
            LogSilent(logger, e, context.Request.Path);
            await RefusalWriter.WriteAsync(context, new Refusal(RefusalKind.Unavailable, e.Message));
        }
        catch (TimeoutException e)
        {
            LogSilent(logger, e, context.Request.Path);
            await RefusalWriter.WriteAsync(context, new Refusal(RefusalKind.Unavailable, "a part of the platform did not answer in time"));
        }
        catch (Exception e)
        {
            LogFault(logger, e, context.Request.Method, context.Request.Path);
            await RefusalWriter.WriteAsync(context, new Refusal(RefusalKind.Internal, "a fault of ours; the log has it under this traceId"));
        }
    }

    // Kestrel follows Transfer-Encoding and moves Content-Length here. Proxies before us may have followed the other one: request smuggling (RFC 9112, 6.1).
    private static bool IsFramedTwice(HttpRequest request) =>
        request.Headers.TransferEncoding.Count > 0 && (request.Headers.ContainsKey("X-Content-Length") || request.Headers.ContentLength is not null);

    private static Refusal Broken(BadHttpRequestException e) => e.StatusCode switch
    {
        StatusCodes.Status413PayloadTooLarge => new Refusal(RefusalKind.TooLarge, "body: larger than this gateway takes", "body"),
        StatusCodes.Status415UnsupportedMediaType => new Refusal(RefusalKind.UnsupportedMediaType, e.Message, "Content-Type"),
        _ => new Refusal(RefusalKind.Malformed, e.Message),
    };

    private static Refusal Empty(int statusCode) => statusCode switch
    {
        401 => new Refusal(RefusalKind.Unauthenticated, "no valid key"),
        403 => new Refusal(RefusalKind.Forbidden, "this is not allowed"),
        404 => new Refusal(RefusalKind.NotFound, "there is nothing at this address"),
        405 => new Refusal(RefusalKind.MethodNotAllowed, "this address does not take this method"),
        413 => new Refusal(RefusalKind.TooLarge, "body: larger than this gateway takes", "body"),
        415 => new Refusal(RefusalKind.UnsupportedMediaType, "Content-Type: not one that this address takes", "Content-Type"),
        429 => new Refusal(RefusalKind.OverCapacity, "over capacity"),
        503 => new Refusal(RefusalKind.Unavailable, "not available at the moment"),
        >= 500 => new Refusal(RefusalKind.Internal, "a fault of ours"),
        _ => new Refusal(RefusalKind.Malformed, "the request cannot be understood"),
    };

    [LoggerMessage(1301, LogLevel.Error, "Unhandled fault in {Method} {Path}")]
    private static partial void LogFault(ILogger logger, Exception exception, string method, string path);

    [LoggerMessage(1302, LogLevel.Warning, "No answer in time for {Path}")]
    private static partial void LogSilent(ILogger logger, Exception exception, string path);
}
