namespace Muniment.Policy.Commands.Rules;

/// <summary>What paths stand for.</summary>
internal static class PathRules
{
    private static readonly string[] SystemRoots =
        ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/opt", "/proc", "/root", "/sbin", "/srv", "/sys", "/usr", "/var", "/home", "/users", "/system", "/library", "/applications", "/private", "/mnt", "/media", "/run"];

    private static readonly string[] Startup =
        [".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv", ".zprofile", ".bash_logout", ".ssh/authorized_keys", ".ssh/config", ".gitconfig", ".npmrc", ".netrc"];

    private static readonly string[] AgentDirectories = [".claude", ".codex", ".gemini", ".qwen", ".cursor"];

    private static readonly string[] AgentFiles =
        [".claude/settings.json", ".claude/settings.local.json", ".codex/config.toml", ".gemini/settings.json", ".qwen/settings.json", ".cursor/mcp.json", ".cursor/hooks.json", ".mcp.json", "managed-settings.json"];

    /// <summary>A path with <c>//</c>, <c>/./</c> and <c>/x/../</c> taken out, and without a slash at its end.</summary>
    public static string Normalise(string path)
    {
        if (path.Length == 0)
        {
            return path;
        }

        bool absolute = path[0] == '/';
        var parts = new List<string>();
        foreach (string part in path.Split('/'))
        {
            if (part == ".." && parts.Count > 0 && parts[^1] != ".." && parts[^1] != "~")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part.Length > 0 && part != "." && !(part == ".." && absolute))
            {
                parts.Add(part);
            }
        }

        string joined = string.Join('/', parts);
        return absolute ? "/" + joined : joined.Length == 0 ? "." : joined;
    }

    /// <summary>The file system's root, a home directory, or a directory of the system: nothing of it may go.</summary>
    public static bool IsVital(string path)
    {
        string p = Normalise(path.Replace("/*", "", StringComparison.Ordinal).Replace("/.*", "", StringComparison.Ordinal));
        if (path.StartsWith('/') && p is "" or "/" || path is "/*" or "~" or "~/" or "~/*" or "/.*" || p == "~")
        {
            return true;
        }

        string lower = p.ToLowerInvariant();
        bool home = lower.Count(c => c == '/') == 2 && (lower.StartsWith("/home/", StringComparison.Ordinal) || lower.StartsWith("/users/", StringComparison.Ordinal));
        return home || SystemRoots.Contains(lower) || (lower.Length is 2 or 3 && lower[1] == ':' && char.IsAsciiLetter(lower[0]));
    }

    public static bool IsTemporary(string path)
    {
        string p = Normalise(path);
        return p.StartsWith("/tmp/", StringComparison.Ordinal) || p.StartsWith("/var/tmp/", StringComparison.Ordinal) || p.StartsWith("/private/tmp/", StringComparison.Ordinal) || p is "/tmp" or "/var/tmp";
    }

    public static bool IsSystem(string path)
    {
        string lower = Normalise(path).ToLowerInvariant();
        return !IsTemporary(path)
            && Array.Exists(SystemRoots, r => r is not ("/home" or "/users" or "/mnt" or "/media" or "/opt" or "/srv" or "/proc" or "/dev" or "/run") && (lower == r || lower.StartsWith(r + "/", StringComparison.Ordinal)));
    }

    /// <summary>Configuration of agents and their hooks: who writes there can turn off what watches them.</summary>
    public static bool IsAgentConfiguration(string path)
    {
        string p = Normalise(path);
        foreach (string directory in AgentDirectories)
        {
            int at = p.IndexOf(directory, StringComparison.Ordinal);
            if (at < 0 || (at > 0 && p[at - 1] != '/') || (at + directory.Length < p.Length && p[at + directory.Length] != '/'))
            {
                continue;
            }

            string home = p[..Math.Max(0, at - 1)];
            if (home is "~" or "/root" || ((home.StartsWith("/home/", StringComparison.Ordinal) || home.StartsWith("/Users/", StringComparison.Ordinal)) && home.Count(c => c == '/') == 2))
            {
                return true;
            }
        }

        return Array.Exists(AgentFiles, f => p == f || p.EndsWith("/" + f, StringComparison.Ordinal)) || p.Contains(".claude/hooks/", StringComparison.Ordinal);
    }

    /// <summary>Something is written to, moved over or deleted at a path.</summary>
    public static RiskFinding Write(string path, string source)
    {
        if (path is "/dev/null" or "/dev/stdout" or "/dev/stderr" or "/dev/tty" or "/dev/zero" || path.StartsWith("/dev/fd/", StringComparison.Ordinal))
        {
            return new RiskFinding(RiskLevel.Low, "reads-only", source);
        }

        string p = Normalise(path);
        if (p.StartsWith("/dev/", StringComparison.Ordinal) && !p.StartsWith("/dev/shm/", StringComparison.Ordinal))
        {
            return new RiskFinding(RiskLevel.Critical, "writes-device", source);
        }

        if (IsAgentConfiguration(p))
        {
            return new RiskFinding(RiskLevel.Critical, "agent-configuration", source);
        }

        if (IsSystem(p) || p.StartsWith("/proc/", StringComparison.Ordinal))
        {
            return new RiskFinding(RiskLevel.High, "writes-system", source);
        }

        if (Array.Exists(Startup, s => p.EndsWith("/" + s, StringComparison.Ordinal)) || p.Contains(".git/hooks/", StringComparison.Ordinal) || p.Contains("/LaunchAgents/", StringComparison.Ordinal) || p.Contains("/.config/autostart/", StringComparison.Ordinal))
        {
            return new RiskFinding(RiskLevel.High, "persistence", source);
        }

        return IsHistory(p) ? new RiskFinding(RiskLevel.High, "hides-traces", source) : new RiskFinding(RiskLevel.Medium, "writes-files", source);
    }

    public static bool IsHistory(string path) => path.EndsWith("_history", StringComparison.Ordinal) && path.Contains('.', StringComparison.Ordinal);
}
