using System.Collections.Frozen;

namespace Muniment.Policy.Commands.Rules;

/// <summary>Flags that start an agent without its safeguards.</summary>
internal static class AgentRules
{
    /// <summary>Programs whose arguments are texts, patterns or messages.</summary>
    private static readonly FrozenSet<string> TextOnly = new[]
    {
        "grep", "egrep", "fgrep", "rg", "ag", "ack", "echo", "printf", "git", "gh", "cat", "sed", "awk", "jq", "man", "test", "[", "[[", "find", "fd", "ls", "head", "tail", "less", "for", "case", "which", "type",
    }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Unsafe = new[]
    {
        "--dangerously-skip-permissions", "--dangerously-bypass-approvals-and-sandbox", "--allow-dangerously-skip-permissions", "--yolo", "--approval-mode=yolo", "--sandbox=danger-full-access", "danger-full-access",
        "sandbox_mode=danger-full-access", "--permission-mode=bypasspermissions", "bypasspermissions", "--dangerously-allow-all", "--allow-all-tools", "--skip-permissions-unsafe",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static RiskFinding Flags(Invocation i)
    {
        if (!TextOnly.Contains(i.Name))
        {
            for (int at = 0; at < i.Arguments.Count; at++)
            {
                string argument = i.Arguments[at].ToLowerInvariant().Replace("\"", "", StringComparison.Ordinal);
                if (Unsafe.Contains(argument) || (argument == "--approval-mode" && at + 1 < i.Arguments.Count && i.Arguments[at + 1] == "yolo"))
                {
                    return i.Is(RiskLevel.Critical, "agent-without-safeguards");
                }
            }
        }

        return new RiskFinding(RiskLevel.Low, "reads-only", i.Source);
    }
}
