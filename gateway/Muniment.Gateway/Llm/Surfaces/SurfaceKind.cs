namespace Muniment.Gateway.Llm.Surfaces;

/// <summary>What a path of an upstream does, as far as deciding and reading its texts need to know.</summary>
internal enum SurfaceKind
{
    /// <summary>Not known: forwarded only where policy allows what cannot be inspected.</summary>
    Unknown,
    /// <summary>OpenAI chat completions.</summary>
    Chat,
    /// <summary>OpenAI legacy completions.</summary>
    Completions,
    /// <summary>OpenAI responses.</summary>
    Responses,
    /// <summary>OpenAI embeddings and moderations: text in, numbers out.</summary>
    Embeddings,
    /// <summary>Anthropic messages.</summary>
    Messages,
    /// <summary>Anthropic token counting.</summary>
    CountTokens,
    /// <summary>A batch of calls as one JSON document (Anthropic).</summary>
    MessageBatch,
    /// <summary>A batch of calls in a file that was sent before (OpenAI).</summary>
    FileBatch,
    /// <summary>Sending a file.</summary>
    Upload,
    /// <summary>The list of models, or one of them.</summary>
    Models,
    /// <summary>Reading, ending or deleting what is kept upstream: a background response, stored messages, results of a batch, a file.</summary>
    Kept,
    /// <summary>An MCP server.</summary>
    Mcp,
}
