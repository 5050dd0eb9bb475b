using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway.Hosting;

/// <summary>An RFC 9457 answer as a result of a minimal endpoint.</summary>
internal sealed class ProblemResult(int statusCode, string title, string detail, string? field) : IResult, IStatusCodeHttpResult
{
    /// <inheritdoc/>
    public int? StatusCode => statusCode;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var stream = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "about:blank"u8);
            json.WriteString("title"u8, title);
            json.WriteNumber("status"u8, statusCode);
            json.WriteString("detail"u8, detail);
            if (field is not null)
            {
                json.WriteString("field"u8, field);
            }

            json.WriteString("traceId"u8, RefusalWriter.TraceId(httpContext));
            json.WriteEndObject();
        }

        if (statusCode is StatusCodes.Status503ServiceUnavailable)
        {
            httpContext.Response.Headers.RetryAfter = "2";
        }
        else if (statusCode is StatusCodes.Status429TooManyRequests)
        {
            httpContext.Response.Headers.RetryAfter = "1";
        }

        await RefusalWriter.SendAsync(httpContext, statusCode, "application/problem+json", stream.GetBuffer().AsMemory(0, (int)stream.Length));
    }
}
