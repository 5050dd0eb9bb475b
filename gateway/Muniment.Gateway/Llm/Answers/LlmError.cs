using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Llm.Surfaces;
using Muniment.Gateway.Mcp;

namespace Muniment.Gateway.Llm.Answers;

/// <summary>An error in the shape that the provider's SDK makes its own error class of.</summary>
/// <param name="StatusCode">HTTP status.</param>
/// <param name="Message">One sentence without secrets and without the inside of rules.</param>
/// <param name="OpenAiType">OpenAI's <c>type</c>.</param>
/// <param name="OpenAiCode">OpenAI's <c>code</c>; stands in Anthropic's body too, where SDKs ignore it.</param>
/// <param name="AnthropicType">Anthropic's <c>type</c>.</param>
internal sealed record LlmError(int StatusCode, string Message, string OpenAiType, string OpenAiCode, string AnthropicType)
{
    public static LlmError Denied(string message) => new(StatusCodes.Status403Forbidden, message, "policy_violation", "policy_denied", "permission_error");

    public static LlmError Approval(string message) => new(StatusCodes.Status403Forbidden, message, "policy_violation", "approval_required", "permission_error");

    public static LlmError OverBudget(string message) => new(StatusCodes.Status429TooManyRequests, message, "policy_violation", "policy_denied", "rate_limit_error");

    public static LlmError Unavailable(string message) => new(StatusCodes.Status503ServiceUnavailable, message, "server_error", "unavailable", "api_error");

    public static LlmError BadGateway(string message, string code) => new(StatusCodes.Status502BadGateway, message, "server_error", code, "api_error");

    public static LlmError Timeout(string message) => new(StatusCodes.Status504GatewayTimeout, message, "server_error", "upstream_timeout", "timeout_error");

    public static LlmError Malformed(string message) => new(StatusCodes.Status400BadRequest, message, "invalid_request_error", "invalid_body", "invalid_request_error");

    public static LlmError NotFound(string message) => new(StatusCodes.Status404NotFound, message, "invalid_request_error", "not_found", "not_found_error");

    /// <summary>A refusal of the door in these words.</summary>
    public static LlmError Of(Refusal refusal) => refusal.Kind switch
    {
        RefusalKind.Unauthenticated => new(401, refusal.Detail, "invalid_request_error", "invalid_api_key", "authentication_error"),
        RefusalKind.Forbidden => new(403, refusal.Detail, "invalid_request_error", "forbidden", "permission_error"),
        RefusalKind.TooLarge => new(413, refusal.Detail, "invalid_request_error", "too_large", "request_too_large"),
        RefusalKind.NotFound => NotFound(refusal.Detail),
        RefusalKind.OverCapacity => new(429, refusal.Detail, "rate_limit_error", "over_capacity", "rate_limit_error"),
        RefusalKind.Unavailable => Unavailable(refusal.Detail),
        _ => new(refusal.StatusCode, refusal.Detail, refusal.StatusCode < 500 ? "invalid_request_error" : "server_error", "refused", refusal.StatusCode < 500 ? "invalid_request_error" : "api_error"),
    };

    /// <summary>Writes it. Nothing of an answer may have been sent.</summary>
    public async Task WriteAsync(HttpContext context, ApiShape shape, string requestId)
    {
        if (shape is ApiShape.Mcp)
        {
            await McpAnswers.WriteErrorAsync(context, this, requestId);
            return;
        }

        using var stream = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            if (shape is ApiShape.Anthropic)
            {
                json.WriteString("type"u8, "error"u8);
                json.WriteStartObject("error"u8);
                json.WriteString("type"u8, AnthropicType);
                json.WriteString("message"u8, Message);
                json.WriteString("code"u8, OpenAiCode);
                json.WriteEndObject();
                json.WriteString("request_id"u8, requestId);
            }
            else
            {
                json.WriteStartObject("error"u8);
                json.WriteString("message"u8, Message);
                json.WriteString("type"u8, OpenAiType);
                json.WriteNull("param"u8);
                json.WriteString("code"u8, OpenAiCode);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        await RefusalWriter.SendAsync(context, StatusCode, MediaTypes.Json, stream.GetBuffer().AsMemory(0, (int)stream.Length));
    }
}
