namespace Muniment.Gateway.Upstreams;

/// <summary>Which protocol an upstream speaks.</summary>
public enum UpstreamKind
{
    /// <summary>OpenAI's API and what is compatible with it.</summary>
    OpenAi,
    /// <summary>Anthropic's API.</summary>
    Anthropic,
    /// <summary>MCP over streamable HTTP.</summary>
    Mcp,
}
