namespace Muniment.Gateway.Llm.Texts;

/// <summary>What a text of a request or answer is.</summary>
internal enum TextRole
{
    /// <summary>None of the below: metadata, names, identifiers, fields that are not known.</summary>
    Other,
    /// <summary>Instructions of the application.</summary>
    System,
    /// <summary>Said by the user.</summary>
    User,
    /// <summary>Said by the model.</summary>
    Assistant,
    /// <summary>A tool's result.</summary>
    Tool,
    /// <summary>A tool's name, description or schema.</summary>
    ToolDefinition,
    /// <summary>What the model gave to a tool.</summary>
    ToolArguments,
    /// <summary>The model's reasoning that may be altered.</summary>
    Reasoning,
    /// <summary>The model's reasoning under a signature: altered, the provider refuses it.</summary>
    SignedReasoning,
}

/// <summary>Names of roles in decisions.</summary>
internal static class TextRoles
{
    public static string Name(this TextRole role) => role switch
    {
        TextRole.System => "system",
        TextRole.User => "user",
        TextRole.Assistant => "assistant",
        TextRole.Tool => "tool",
        TextRole.ToolDefinition => "tool_definition",
        TextRole.ToolArguments => "tool_args",
        TextRole.Reasoning or TextRole.SignedReasoning => "reasoning",
        _ => "other",
    };
}
