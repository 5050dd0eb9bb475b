using Microsoft.AspNetCore.Http;
using Muniment.Messages.Destinations;

namespace Muniment.Gateway.Destinations;

/// <summary>Turns grains' answers into HTTP.</summary>
internal static class DestinationAnswers
{
    public static IResult ToResult(DestinationAnswer answer, int done = StatusCodes.Status200OK) => answer.Code switch
    {
        DestinationStatusCode.Done => new JsonResult(answer.Body, done, answer.Version),
        DestinationStatusCode.NotFound => Problem.NotFound("no such destination"),
        DestinationStatusCode.Conflict => Problem.Status(StatusCodes.Status409Conflict, "Conflict", $"{answer.Field}: expected {answer.Detail}"),
        DestinationStatusCode.Invalid => Problem.BadField(answer.Field ?? "body", answer.Detail ?? "something else"),
        DestinationStatusCode.TooMany => Problem.Status(StatusCodes.Status429TooManyRequests, "Too many requests", answer.Detail ?? ""),
        _ => Problem.Status(StatusCodes.Status503ServiceUnavailable, "Unavailable", answer.Detail ?? ""),
    };

    private sealed class JsonResult(ReadOnlyMemory<byte> body, int status, int version) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.ContentType = "application/json";
            httpContext.Response.ContentLength = body.Length;
            if (version > 0)
            {
                httpContext.Response.Headers.ETag = $"\"{version}\"";
            }

            await httpContext.Response.Body.WriteAsync(body, httpContext.RequestAborted);
        }
    }
}
