using System.Collections.Frozen;

namespace Muniment.Policy.Evaluation;

/// <summary>
/// Agents' own names of permission modes. <c>fixed</c>: a human decides what was not allowed beforehand; <c>adaptive</c>: the agent or another machine does.
/// </summary>
public static class PermissionModes
{
    /// <summary>Claude Code: default, plan, acceptEdits, dontAsk, auto, bypassPermissions; Codex approval_policy: untrusted, on-request, on-failure, never; Gemini and Qwen: default, plan, auto_edit, yolo.</summary>
    private static readonly FrozenDictionary<string, string> Known = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        ["fixed"] = "fixed", ["default"] = "fixed", ["plan"] = "fixed", ["untrusted"] = "fixed", ["on-request"] = "fixed", ["read-only"] = "fixed", ["dontAsk"] = "fixed", ["manual"] = "fixed",
        ["adaptive"] = "adaptive", ["acceptEdits"] = "adaptive", ["auto"] = "adaptive", ["auto_edit"] = "adaptive", ["autoEdit"] = "adaptive", ["auto-edit"] = "adaptive",
        ["on-failure"] = "adaptive", ["never"] = "adaptive", ["full-auto"] = "adaptive", ["workspace-write"] = "adaptive", ["bypassPermissions"] = "adaptive", ["yolo"] = "adaptive",
        ["danger-full-access"] = "adaptive",
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary><c>fixed</c> or <c>adaptive</c>; null when the name is not known.</summary>
    public static string? Canonical(string? mode) => mode is not null && Known.TryGetValue(mode, out string? canonical) ? canonical : null;
}
