using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway.Llm.Surfaces;

/// <summary>Which paths of the providers' APIs are known. What is not here is not inspected, and says so.</summary>
internal static class SurfaceTable
{
    private static readonly Surface[] Known =
    [
        new(SurfaceKind.Chat, ApiShape.OpenAi, "chat"),
        new(SurfaceKind.Completions, ApiShape.OpenAi, "completions"),
        new(SurfaceKind.Responses, ApiShape.OpenAi, "responses"),
        new(SurfaceKind.Embeddings, ApiShape.OpenAi, "embeddings"),
        new(SurfaceKind.FileBatch, ApiShape.OpenAi, "batches"),
        new(SurfaceKind.Upload, ApiShape.OpenAi, "files"),
        new(SurfaceKind.Messages, ApiShape.Anthropic, "messages"),
        new(SurfaceKind.CountTokens, ApiShape.Anthropic, "count_tokens"),
        new(SurfaceKind.MessageBatch, ApiShape.Anthropic, "batches"),
        new(SurfaceKind.Models, ApiShape.OpenAi, "models"),
        new(SurfaceKind.Models, ApiShape.Anthropic, "models"),
        new(SurfaceKind.Upload, ApiShape.Anthropic, "files"),
    ];

    private static readonly Dictionary<(string, ApiShape), Surface> Kept = new[] { "chat", "responses", "batches", "files" }
        .SelectMany(name => Enum.GetValues<ApiShape>().Select(shape => new Surface(SurfaceKind.Kept, shape, name)))
        .ToDictionary(surface => (surface.Name, surface.Shape));

    private static readonly Surface UnknownOpenAi = new(SurfaceKind.Unknown, ApiShape.OpenAi, "unknown");
    private static readonly Surface UnknownAnthropic = new(SurfaceKind.Unknown, ApiShape.Anthropic, "unknown");

    /// <summary>
    /// Whether a path is written the one way in which every server reads it: no empty or dotted segment, nothing percent-encoded, no backslash. What is written otherwise could be one thing
    /// here and another one upstream.
    /// </summary>
    public static bool IsPlain(ReadOnlySpan<char> path)
    {
        foreach (Range segment in path.Split('/'))
        {
            ReadOnlySpan<char> text = path[segment];
            if (text is "" or "." or "..")
            {
                return false;
            }

            foreach (char c in text)
            {
                if (!char.IsAsciiLetterOrDigit(c) && !"-_.~:@".Contains(c, StringComparison.Ordinal))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>The surface of a path.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Path below the upstream, without leading slash, such as <c>v1/chat/completions</c>.</param>
    /// <param name="anthropic">Whether the upstream or the request is Anthropic's, which decides paths that both have.</param>
    public static Surface Find(string method, string path, bool anthropic)
    {
        // Servers that ignore case exist; ours must not be blind where they are not.
        string[] parts = path.ToLowerInvariant().Split('/');
        if (parts.Length > 1 && parts[0] is "v1")
        {
            parts = parts[1..];
        }

        ApiShape shape = anthropic ? ApiShape.Anthropic : ApiShape.OpenAi;
        bool post = HttpMethods.IsPost(method);
        bool get = HttpMethods.IsGet(method);
        bool delete = HttpMethods.IsDelete(method);
        return parts switch
        {
            ["chat", "completions"] when post => Of(SurfaceKind.Chat, ApiShape.OpenAi),
            ["chat", "completions", ..] when (get && parts.Length <= 4) || ((post || delete) && parts.Length == 3) => Kept[("chat", ApiShape.OpenAi)],
            ["completions"] when post => Of(SurfaceKind.Completions, ApiShape.OpenAi),
            ["responses"] or ["responses", "input_tokens"] or ["responses", "compact"] when post => Of(SurfaceKind.Responses, ApiShape.OpenAi),
            ["responses", _] when get || delete => Kept[("responses", ApiShape.OpenAi)],
            ["responses", _, "cancel"] when post => Kept[("responses", ApiShape.OpenAi)],
            ["responses", _, "input_items"] when get => Kept[("responses", ApiShape.OpenAi)],
            ["embeddings"] or ["moderations"] when post => Of(SurfaceKind.Embeddings, ApiShape.OpenAi),
            ["models"] or ["models", _] when get => Of(SurfaceKind.Models, shape),
            ["batches"] when post => Of(SurfaceKind.FileBatch, ApiShape.OpenAi),
            ["batches"] or ["batches", _] when get => Kept[("batches", ApiShape.OpenAi)],
            ["batches", _, "cancel"] when post => Kept[("batches", ApiShape.OpenAi)],
            ["files"] when post => Of(SurfaceKind.Upload, shape),
            ["files"] or ["files", _] or ["files", _, "content"] when get || (delete && parts.Length == 2) => Kept[("files", shape)],
            ["messages"] when post => Of(SurfaceKind.Messages, ApiShape.Anthropic),
            ["messages", "count_tokens"] when post => Of(SurfaceKind.CountTokens, ApiShape.Anthropic),
            ["messages", "batches"] when post => Of(SurfaceKind.MessageBatch, ApiShape.Anthropic),
            ["messages", "batches"] or ["messages", "batches", _] or ["messages", "batches", _, "results"] when get => Kept[("batches", ApiShape.Anthropic)],
            ["messages", "batches", _] when delete => Kept[("batches", ApiShape.Anthropic)],
            ["messages", "batches", _, "cancel"] when post => Kept[("batches", ApiShape.Anthropic)],
            _ => anthropic ? UnknownAnthropic : UnknownOpenAi,
        };
    }

    private static Surface Of(SurfaceKind kind, ApiShape shape) => Array.Find(Known, surface => surface.Kind == kind && surface.Shape == shape)!;
}
