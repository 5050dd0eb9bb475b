using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Llm.Answers;

namespace Muniment.Gateway.Mcp;

/// <summary>JSON-RPC answers of our own.</summary>
internal static class McpAnswers
{
    /// <summary>A refused tool, as a result that the model reads.</summary>
    public static Task WriteResultAsync(HttpContext context, McpMessage message, string text) => WriteAsync(context, StatusCodes.Status200OK, message.Id, json =>
    {
        json.WriteStartObject("result"u8);
        json.WriteStartArray("content"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteBoolean("isError"u8, true);
        json.WriteEndObject();
    });

    /// <summary>An error of the protocol.</summary>
    public static Task WriteErrorAsync(HttpContext context, LlmError error, string requestId) => WriteAsync(context, error.StatusCode, context.Features.Get<McpMessage>()?.Id ?? [], json => WriteError(json, error.Message, error.OpenAiCode, requestId));

    /// <summary>The member <c>error</c>.</summary>
    public static void WriteError(Utf8JsonWriter json, string message, string code, string requestId)
    {
        json.WriteStartObject("error"u8);
        json.WriteNumber("code"u8, code is "invalid_body" ? -32600 : -32001);
        json.WriteString("message"u8, message);
        json.WriteStartObject("data"u8);
        json.WriteString("code"u8, code);
        json.WriteString("request_id"u8, requestId);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static async Task WriteAsync(HttpContext context, int status, byte[] id, Action<Utf8JsonWriter> members)
    {
        using var stream = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc"u8, "2.0"u8);
            json.WritePropertyName("id"u8);
            json.WriteRawValue(id.Length == 0 ? "null"u8 : id);
            members(json);
            json.WriteEndObject();
        }

        await RefusalWriter.SendAsync(context, status, MediaTypes.Json, stream.GetBuffer().AsMemory(0, (int)stream.Length));
    }
}
