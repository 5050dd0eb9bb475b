using System.Text.Json;

namespace Muniment.Testing.Upstreams;

/// <summary>What real upstreams would refuse, and what must never reach them.</summary>
internal static class StrictRules
{
    public static string? Refuse(UpstreamRequest request)
    {
        foreach ((string name, string value) in request.Headers)
        {
            if (value.Contains("mk_", StringComparison.Ordinal) || name.StartsWith("x-muniment", StringComparison.Ordinal))
            {
                return $"credential of the gateway in {name}";
            }
        }

        bool anthropic = request.Path.Contains("/messages", StringComparison.Ordinal);
        string shown = anthropic ? request.Headers.GetValueOrDefault("x-api-key", "") : request.Headers.GetValueOrDefault("authorization", "");
        if (shown != (anthropic ? FakeUpstream.Key : "Bearer " + FakeUpstream.Key))
        {
            return "credential: expected " + (anthropic ? "x-api-key" : "Authorization: Bearer");
        }

        if (anthropic && !request.Headers.ContainsKey("anthropic-version"))
        {
            return "anthropic-version: expected";
        }

        if (request.Headers.TryGetValue("accept-encoding", out string? encoding) && encoding != "identity")
        {
            return "accept-encoding: expected identity, or the answer cannot be inspected";
        }

        if (request.Method != "POST" || request.Headers.GetValueOrDefault("content-type", "").StartsWith("multipart/", StringComparison.Ordinal))
        {
            return null;
        }

        if (request.Body.Length > 0 && !request.Headers.GetValueOrDefault("content-type", "").StartsWith("application/json", StringComparison.Ordinal))
        {
            return "content-type: expected application/json";
        }

        return request.Path.EndsWith("/chat/completions", StringComparison.Ordinal) ? Chat(request.Body)
            : request.Path.EndsWith("/messages", StringComparison.Ordinal) ? Messages(request.Body)
            : null;
    }

    private static string? Chat(byte[] body) => Json(body, root =>
    {
        if (!root.TryGetProperty("model", out _) || !root.TryGetProperty("messages", out JsonElement messages) || messages.GetArrayLength() == 0)
        {
            return "model, messages: expected";
        }

        if (root.TryGetProperty("tools", out JsonElement tools) && tools.EnumerateArray().Any(tool => !tool.TryGetProperty("type", out _)))
        {
            return "tools: type expected";
        }

        return root.TryGetProperty("stream_options", out _) && !(root.TryGetProperty("stream", out JsonElement stream) && stream.GetBoolean()) ? "stream_options: only allowed when stream is true" : null;
    });

    private static string? Messages(byte[] body) => Json(body, root =>
        !root.TryGetProperty("model", out _) || !root.TryGetProperty("max_tokens", out _) || !root.TryGetProperty("messages", out JsonElement messages) || messages.GetArrayLength() == 0
            ? "model, max_tokens, messages: expected"
            : root.TryGetProperty("stream_options", out _) ? "stream_options: extra inputs are not permitted" : null);

    private static string? Json(byte[] body, Func<JsonElement, string?> check)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return check(document.RootElement);
        }
        catch (JsonException e)
        {
            return "body: " + e.Message;
        }
    }
}
