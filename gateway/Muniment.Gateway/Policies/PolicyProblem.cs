using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Hosting;
using Muniment.Policy.Documents;

namespace Muniment.Gateway.Policies;

/// <summary>400 about a policy document: the first error as the detail, all of them with line and column.</summary>
internal sealed class PolicyProblem(ImmutableArray<PolicyError> errors) : IResult, IStatusCodeHttpResult
{
    /// <inheritdoc/>
    public int? StatusCode => StatusCodes.Status400BadRequest;

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using var stream = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "about:blank"u8);
            json.WriteString("title"u8, "Bad request"u8);
            json.WriteNumber("status"u8, StatusCodes.Status400BadRequest);
            json.WriteString("detail"u8, errors[0].ToString());
            json.WriteString("field"u8, errors[0].Field.Length == 0 ? "policy" : errors[0].Field);
            json.WriteNumber("line"u8, errors[0].Line);
            json.WriteNumber("column"u8, errors[0].Column);
            json.WriteStartArray("errors"u8);
            foreach (PolicyError error in errors)
            {
                json.WriteStartObject();
                json.WriteNumber("line"u8, error.Line);
                json.WriteNumber("column"u8, error.Column);
                json.WriteString("field"u8, error.Field);
                json.WriteString("message"u8, error.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("traceId"u8, RefusalWriter.TraceId(httpContext));
            json.WriteEndObject();
        }

        await RefusalWriter.SendAsync(httpContext, StatusCodes.Status400BadRequest, "application/problem+json", stream.GetBuffer().AsMemory(0, (int)stream.Length));
    }
}
