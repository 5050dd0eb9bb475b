using System.Collections.Frozen;
using System.Text;

namespace Muniment.Gateway.Llm.Texts;

/// <summary>
/// Values of <c>type</c> and <c>object</c> that requests to providers, JSON schemas and MCP have. Any other value there is a text like all strings: it is looked into and passes, so a type that is new costs a scan and
/// breaks nothing.
/// </summary>
internal static class ProtocolWords
{
    private const int LongestChars = 64;
    private const int DateChars = 9; // tools of Anthropic: bash_20250124

    private static readonly FrozenSet<string> Words = FrozenSet.ToFrozenSet(
    [
        "adaptive", "allowed_tools", "and", "any", "apply_patch", "apply_patch_call", "apply_patch_call_output", "approximate", "approximate_location", "array", "audio", "auto", "base64",
        "bash", "bash_code_execution_tool_result", "batch", "boolean", "char_location", "chat.completion", "clear_thinking", "clear_tool_uses", "click", "code_execution",
        "code_execution_result", "code_execution_tool_result", "code_interpreter", "code_interpreter_call", "compact", "compaction", "computer", "computer_call", "computer_call_output",
        "computer_screenshot", "computer_use_preview", "container_file_citation", "container_upload", "content", "content_block_location", "conversation", "custom", "custom_tool_call",
        "custom_tool_call_output", "disabled", "document", "double_click", "drag", "embedding", "enabled", "ephemeral", "eq", "exec", "file", "file_citation", "file_path", "file_search",
        "file_search_call", "find", "function", "function_call", "function_call_output", "grammar", "gt", "gte", "image", "image_generation", "image_generation_call", "image_url",
        "input_audio", "input_file", "input_image", "input_text", "input_tokens", "integer", "item_reference", "json_object", "json_schema", "keypress", "lark", "list", "local_shell",
        "local_shell_call", "local_shell_call_output", "logs", "lt", "lte", "mcp", "mcp_approval_request", "mcp_approval_response", "mcp_call", "mcp_list_tools", "mcp_tool_result",
        "mcp_tool_use", "mcp_toolset", "memory", "message", "model", "move", "ne", "none", "null", "number", "object", "open_page", "or", "output_audio", "output_text", "page_location",
        "prediction", "reasoning", "reasoning_text", "redacted_thinking", "ref/prompt", "ref/resource", "ref/tool", "refusal", "regex", "resource", "resource_link", "response", "screenshot",
        "scroll", "search", "search_result", "search_result_location", "semantic_vad", "server_tool_use", "server_vad", "shell", "shell_call", "shell_call_output", "static", "string",
        "summary_text", "text", "text_completion", "text_editor", "text_editor_code_execution_tool_result", "thinking", "tool", "tool_reference", "tool_result", "tool_search_tool_bm25",
        "tool_search_tool_regex", "tool_use", "tool_uses", "tools", "type", "url", "url_citation", "user", "wait", "web_fetch", "web_fetch_result", "web_fetch_tool_result", "web_search",
        "web_search_2025_08_26", "web_search_call", "web_search_preview", "web_search_preview_2025_03_11", "web_search_result", "web_search_result_location", "web_search_tool_result",
        "web_search_tool_result_error",
    ], StringComparer.Ordinal);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Lookup = Words.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Whether a value is one of them, also with a date behind it.</summary>
    public static bool Has(ReadOnlySpan<byte> value)
    {
        Span<char> chars = stackalloc char[LongestChars];
        if (value.Length > LongestChars || !Encoding.UTF8.TryGetChars(value, chars, out int length))
        {
            return false;
        }

        ReadOnlySpan<char> word = chars[..length];
        return Lookup.Contains(word)
            || (length > DateChars && word[^DateChars] == '_' && !word[^(DateChars - 1)..].ContainsAnyExceptInRange('0', '9') && Lookup.Contains(word[..^DateChars]));
    }
}
