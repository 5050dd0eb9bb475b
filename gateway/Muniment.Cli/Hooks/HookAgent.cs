namespace Muniment.Cli.Hooks;

/// <summary>Agents whose hooks are understood. They say nearly the same and want nearly the same answer.</summary>
internal enum HookAgent
{
    /// <summary>Claude Code, <c>PreToolUse</c>.</summary>
    ClaudeCode,
    /// <summary>Codex, <c>PreToolUse</c>: the same form, but a tool's input is not replaced and nobody is asked.</summary>
    Codex,
    /// <summary>Gemini CLI and Qwen Code, <c>BeforeTool</c>.</summary>
    GeminiCli,
}
