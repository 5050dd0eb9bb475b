namespace Muniment.Policy.Evaluation;

/// <summary>The actions that are decided.</summary>
public static class DecisionActions
{
    /// <summary>A call of a model, on its way there.</summary>
    public const string ModelInvoke = "model.invoke";
    /// <summary>A model's answer.</summary>
    public const string ModelRespond = "model.respond";
    /// <summary>A tool is to be called.</summary>
    public const string ToolCall = "tool.call";
    /// <summary>A command is to be run.</summary>
    public const string CommandExecute = "command.execute";
    /// <summary>A tool of an MCP server is to be called.</summary>
    public const string McpCall = "mcp.call";
    /// <summary>An event comes in at a receiver.</summary>
    public const string EventIngest = "event.ingest";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [ModelInvoke, ModelRespond, ToolCall, CommandExecute, McpCall, EventIngest];

    /// <summary>Whether it asks for something, so that defaults and limits hold for it; an answer was asked for before, and an event has happened.</summary>
    public static bool IsRequest(string action) => action is not (ModelRespond or EventIngest);
}
