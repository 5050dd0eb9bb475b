using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Texts;

namespace Muniment.Gateway.Mcp;

/// <summary>Takes out of <c>tools/list</c> what policy would not let the caller call, so that no model is offered it.</summary>
internal static class McpLists
{
    /// <summary>Adds the edits.</summary>
    /// <returns>How many tools were taken out.</returns>
    public static int Filter(JsonTape tape, Func<string, bool> isDenied, JsonEdits edits)
    {
        int tools = tape.Member(tape.Member(0, "result"u8), "tools"u8);
        return JsonRemoval.RemoveElements(tape, tools, tool => tape.TextOf(tool, "name"u8) is { } name && isDenied(name), edits);
    }
}
