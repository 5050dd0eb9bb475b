using System.Buffers;
using System.Text.Json;

namespace Muniment.Cli.Hooks;

/// <summary>What an agent says before it calls a tool, as a body for <c>POST decide</c>. Pure.</summary>
/// <param name="Agent">Which agent.</param>
/// <param name="Body">The body.</param>
internal sealed record HookCall(HookAgent Agent, ReadOnlyMemory<byte> Body)
{
    // Tools by which the agents run shell commands, and the member with the command.
    private static readonly string[] Shells = ["bash", "shell", "local_shell", "exec_command", "unified_exec", "run_shell_command", "powershell"];

    /// <summary>Reads a hook's input; null with a sentence when it is none.</summary>
    /// <param name="input">Standard input.</param>
    /// <param name="agent">The agent, or null to tell it by the input.</param>
    /// <param name="why">What is wrong.</param>
    public static HookCall? Read(ReadOnlyMemory<byte> input, HookAgent? agent, out string why)
    {
        why = "standard input holds no JSON object of a hook";
        try
        {
            using JsonDocument document = JsonDocument.Parse(input);
            JsonElement root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Object)
            {
                return null;
            }

            string? hook = Text(root, "hook_event_name");
            if (hook is not ("PreToolUse" or "BeforeTool"))
            {
                why = $"hook_event_name is {hook ?? "missing"}; expected PreToolUse (Claude Code, Codex) or BeforeTool (Gemini CLI)";
                return null;
            }

            if (Text(root, "tool_name") is not { } tool)
            {
                why = "tool_name is missing";
                return null;
            }

            HookAgent who = agent ?? (hook == "BeforeTool" ? HookAgent.GeminiCli : root.TryGetProperty("turn_id"u8, out _) ? HookAgent.Codex : HookAgent.ClaudeCode);
            return new HookCall(who, Write(root, who, tool));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static ReadOnlyMemory<byte> Write(JsonElement root, HookAgent agent, string tool)
    {
        root.TryGetProperty("tool_input"u8, out JsonElement input);
        string? command = Shells.Contains(tool, StringComparer.OrdinalIgnoreCase) && input.ValueKind is JsonValueKind.Object ? Command(input) : null;
        (string? server, string name) = Mcp(root, tool);
        var output = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("action"u8, command is not null ? "command.execute" : server is not null ? "mcp.call" : "tool.call");
            json.WriteString("agent"u8, agent switch { HookAgent.Codex => "codex", HookAgent.GeminiCli => "gemini-cli", _ => "claude-code" });
            Optional(json, "session"u8, Text(root, "session_id"));
            Optional(json, "mode"u8, Text(root, "permission_mode") ?? Text(root, "approval_mode"));
            Optional(json, "target"u8, server);
            json.WriteStartObject("tool"u8);
            json.WriteString("name"u8, name);
            json.WriteString("namespace"u8, server is null ? "native"u8 : "mcp"u8);
            Optional(json, "server"u8, server);
            Optional(json, "command"u8, command);
            if (input.ValueKind is not JsonValueKind.Undefined)
            {
                json.WritePropertyName("args"u8);
                input.WriteTo(json);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    // Codex gives a list of words to some of its tools.
    private static string? Command(JsonElement input)
    {
        foreach (string member in (ReadOnlySpan<string>)["command", "cmd"])
        {
            if (input.TryGetProperty(member, out JsonElement command))
            {
                return command.ValueKind is JsonValueKind.Array
                    ? string.Join(' ', command.EnumerateArray().Where(word => word.ValueKind is JsonValueKind.String).Select(word => Quoted(word.GetString()!)))
                    : command.ValueKind is JsonValueKind.String ? command.GetString() : null;
            }
        }

        return null;
    }

    private static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or '=' or ':' or ',' or '+' or '@' or '%') ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    // Claude Code and Codex: mcp__server__tool. Gemini names the server beside.
    private static (string? Server, string Tool) Mcp(JsonElement root, string tool)
    {
        if (root.TryGetProperty("mcp_context"u8, out JsonElement context) && context.ValueKind is JsonValueKind.Object && Text(context, "server_name") is { } named)
        {
            return (named, Text(context, "tool_name") ?? tool);
        }

        string[] parts = tool.Split("__", 3);
        return parts is ["mcp", { Length: > 0 } server, { Length: > 0 } name] ? (server, name) : (null, tool);
    }

    private static string? Text(JsonElement root, string name) => root.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static void Optional(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.WriteString(name, value);
        }
    }
}
