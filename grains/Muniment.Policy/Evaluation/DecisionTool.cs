namespace Muniment.Policy.Evaluation;

/// <summary>The tool that is to be called.</summary>
public sealed record DecisionTool
{
    /// <summary>Its name.</summary>
    public string? Name { get; init; }

    /// <summary><c>native|mcp</c></summary>
    public string? Namespace { get; init; }

    /// <summary>The MCP server.</summary>
    public string? Server { get; init; }

    /// <summary>The shell command, when it runs one.</summary>
    public string? Command { get; init; }

    /// <summary>Its arguments as a JSON object in UTF-8; empty when there are none. What is no JSON makes rules that name <c>tool.args</c> unevaluable.</summary>
    public ReadOnlyMemory<byte> Args { get; init; }
}
