namespace Muniment.Events.Canonical.Fields;

/// <summary>
/// The one table of what roles without sight of content (<c>analyst</c>) neither see nor name: prompts, commands and tool text. <c>tool.command</c> is one field;
/// in <c>details</c> a member is judged by the words of its name, so new attributes of agents are covered before anyone lists them. Numbers, truth values and null
/// stay: counts and lengths are not content.
/// </summary>
public static class SensitiveFields
{
    /// <summary>What stands in the place of a masked value.</summary>
    public const string Mask = "***";

    /// <summary>The words that make a name sensitive, and what they stand for in agents' telemetry.</summary>
    public static IReadOnlyDictionary<string, string> Words { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["prompt"] = "user text: prompt, user_prompt, gen_ai.prompt", ["prompts"] = "user text",
        ["command"] = "shell text: tool.command, full_command, bash_command", ["commands"] = "shell text", ["cmd"] = "shell text", ["cmdline"] = "shell text",
        ["argument"] = "tool text: gen_ai.tool.call.arguments", ["arguments"] = "tool text", ["args"] = "tool text: function_args", ["argv"] = "shell text",
        ["parameters"] = "tool text: tool_parameters", ["params"] = "tool text",
        ["input"] = "tool or user text: tool_input", ["inputs"] = "tool or user text", ["output"] = "tool or model text: tool_output", ["outputs"] = "tool or model text",
        ["body"] = "log body, request and answer bodies", ["content"] = "message text: gen_ai.*.content", ["contents"] = "message text",
        ["message"] = "message text", ["messages"] = "gen_ai.input.messages, gen_ai.output.messages", ["completion"] = "model text: gen_ai.completion", ["completions"] = "model text",
        ["response"] = "model text: response_text", ["request"] = "user text: request_text", ["text"] = "any text", ["query"] = "search text",
        ["instructions"] = "gen_ai.system_instructions", ["thinking"] = "reasoning text", ["reasoning"] = "reasoning text", ["thought"] = "reasoning text", ["thoughts"] = "reasoning text",
        ["stdin"] = "tool text", ["stdout"] = "tool text", ["stderr"] = "tool text", ["diff"] = "code", ["patch"] = "code", ["code"] = "code", ["snippet"] = "code",
        ["result"] = "tool text: gen_ai.tool.call.result", ["results"] = "tool text", ["transcript"] = "conversation text", ["conversation"] = "conversation text",
    };

    // Decisions say there why a command is risky, and quote the part of it.
    private const string QuotesCommand = "risk_reason";

    /// <summary>Last words that say that a name holds something about the text, not the text: <c>prompt.id</c>, <c>prompt_length</c>, <c>gen_ai.conversation.id</c>.</summary>
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "id", "ids", "length", "size", "bytes", "chars", "lines", "count", "hash", "digest", "sha256", "type", "kind", "name", "names", "version", "tokens", "token", "format", "mime",
        "language", "lang", "status", "code", "model", "ms", "time", "timestamp", "duration", "role", "reason", "reasons", "encoding", "number", "index", "success",
    };

    /// <summary>Whether a dotted contract name (<c>tool.command</c>, <c>details.attributes.prompt</c>) is sensitive.</summary>
    public static bool IsSensitive(string field)
    {
        if (field is "tool.command" or "details")
        {
            return true;
        }

        return field.StartsWith("details.", StringComparison.Ordinal) && IsSensitiveName(field.AsSpan("details.".Length));
    }

    /// <summary>Whether a member name in <c>details</c>, or a dotted path of them, is sensitive: one of its words is, and the last is not harmless.</summary>
    public static bool IsSensitiveName(ReadOnlySpan<char> name)
    {
        if (name.EndsWith(QuotesCommand, StringComparison.Ordinal) && (name.Length == QuotesCommand.Length || name[^(QuotesCommand.Length + 1)] == '.'))
        {
            return true;
        }

        bool sensitive = false;
        bool harmless = false;
        int start = 0;
        Span<char> word = stackalloc char[32];
        for (int i = 0; i <= name.Length; i++)
        {
            bool end = i == name.Length || name[i] is '.' or '_' or '-' or ' ' or '/' or ':' || (char.IsAsciiLetterUpper(name[i]) && i > start && char.IsAsciiLetterLower(name[i - 1]));
            if (!end)
            {
                continue;
            }

            if (i > start && i - start <= word.Length)
            {
                int length = name[start..i].ToLowerInvariant(word);
                ReadOnlySpan<char> lower = word[..length];
                bool isStatus = lower.SequenceEqual("code") && start > 0 && name[start - 1] != '.'; // status_code, not code
                bool listed = !isStatus && WordLookup.Contains(lower);
                harmless = HarmlessLookup.Contains(lower) && (sensitive || !listed);
                sensitive |= listed;
            }
            else if (i > start)
            {
                harmless = false;
            }

            start = i < name.Length && char.IsAsciiLetterUpper(name[i]) ? i : i + 1;
        }

        return sensitive && !harmless;
    }

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> WordLookup = new HashSet<string>(Words.Keys, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> HarmlessLookup = Harmless.GetAlternateLookup<ReadOnlySpan<char>>();
}
