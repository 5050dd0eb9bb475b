namespace Muniment.Gateway.Llm.Surfaces;

/// <summary>Whose words an answer uses.</summary>
internal enum ApiShape
{
    /// <summary>OpenAI and what imitates it.</summary>
    OpenAi,
    /// <summary>Anthropic.</summary>
    Anthropic,
    /// <summary>JSON-RPC, as MCP speaks it.</summary>
    Mcp,
}
