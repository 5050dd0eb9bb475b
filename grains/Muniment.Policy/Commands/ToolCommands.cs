using System.Collections.Frozen;
using System.Text;
using System.Text.Json;

namespace Muniment.Policy.Commands;

/// <summary>Finds the shell command in a tool's arguments, as agents' own tools have it: <c>Bash {"command":"…"}</c>, <c>shell {"command":["bash","-lc","…"]}</c>.</summary>
public static class ToolCommands
{
    private const int MaxWords = 1000;

    private static readonly FrozenSet<string> Shells = new[]
    {
        "bash", "sh", "zsh", "shell", "exec", "exec_command", "local_shell", "local_shell_call", "container.exec", "run_shell_command", "run_terminal_cmd", "run_in_terminal", "runinterminal", "terminal", "execute_command", "execute", "powershell", "run_command",
        "bash_tool", "shell_command", "unified_exec", "command",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The command; null when the tool is no shell or has none.</summary>
    public static string? Find(string? tool, ReadOnlyMemory<byte> args)
    {
        if (tool is null || args.IsEmpty || !Shells.Contains(tool))
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(args);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            foreach (string name in (string[])["command", "cmd", "script", "action"])
            {
                if (!document.RootElement.TryGetProperty(name, out JsonElement value))
                {
                    continue;
                }

                if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("command", out JsonElement inner))
                {
                    value = inner;
                }

                if (value.ValueKind == JsonValueKind.String)
                {
                    return value.GetString();
                }

                if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is > 0 and <= MaxWords)
                {
                    return Join(value);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON object, or half a surrogate pair: then there is no command to be read; what names the arguments cannot be evaluated either.
        }

        return null;
    }

    private static string Join(JsonElement words)
    {
        var line = new StringBuilder();
        foreach (JsonElement word in words.EnumerateArray())
        {
            string text = word.ValueKind == JsonValueKind.String ? word.GetString()! : word.GetRawText();
            line.Append(line.Length > 0 ? " " : "");
            bool plain = text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=:,+@%".Contains(c, StringComparison.Ordinal));
            line.Append(plain ? text : "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'");
        }

        return line.ToString();
    }
}
