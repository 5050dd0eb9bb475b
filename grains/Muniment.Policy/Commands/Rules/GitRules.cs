namespace Muniment.Policy.Commands.Rules;

/// <summary>Git and the hosting services' command lines.</summary>
internal static class GitRules
{
    private static readonly string[] Reading =
    [
        "status", "diff", "log", "show", "blame", "grep", "ls-files", "ls-tree", "ls-remote", "rev-parse", "rev-list", "describe", "shortlog", "cat-file", "whatchanged", "reflog", "name-rev", "merge-base", "cherry", "count-objects", "for-each-ref",
        "show-ref", "symbolic-ref", "check-ignore", "check-attr", "var", "version", "--version", "help", "range-diff", "diff-tree", "diff-files", "diff-index", "fsck", "verify-commit", "annotate", "show-branch", "rerere", "bisect", "difftool",
    ];

    private static readonly string[] Options = ["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path"];

    /// <summary>Null when it is none of them.</summary>
    public static RiskFinding? Judge(Invocation i) => i.Name switch
    {
        "git" => Git(i),
        "gh" or "glab" or "hub" => Hosting(i),
        "git-filter-repo" or "bfg" => i.Is(RiskLevel.Critical, "rewrites-history"),
        _ => null,
    };

    private static RiskFinding Git(Invocation i)
    {
        int at = 0;
        RiskFinding settings = i.Is(RiskLevel.Low, "reads-only");
        while (at < i.Arguments.Count && i.Arguments[at].StartsWith('-') && i.Arguments[at] is not ("--version" or "--help"))
        {
            if (i.Arguments[at] == "-c" && at + 1 < i.Arguments.Count && RunsCommand(i.Arguments[at + 1]))
            {
                settings = i.Is(RiskLevel.High, "runs-hidden-command");
            }

            at += Options.Contains(i.Arguments[at]) ? 2 : 1;
        }

        string verb = at < i.Arguments.Count ? i.Arguments[at] : "help";
        string[] rest = [.. i.Arguments.Skip(at + 1)];
        return settings.Worse(Verb(i, verb, rest));
    }

    private static RiskFinding Verb(Invocation i, string verb, string[] rest)
    {
        switch (verb)
        {
            case "push":
                return Push(i, rest);
            case "filter-branch" or "filter-repo":
                return i.Is(RiskLevel.Critical, "rewrites-history");
            case "reset" when rest.Contains("--hard"):
            case "clean" when rest.Any(r => r.StartsWith('-') && r.Contains('f')) && !rest.Any(r => r is "-n" or "--dry-run" || (r.StartsWith('-') && !r.StartsWith("--", StringComparison.Ordinal) && r.Contains('n'))):
            case "checkout" or "restore" when rest.Contains("."):
            case "stash" when rest.FirstOrDefault() is "drop" or "clear":
            case "branch" when rest.Contains("-D"):
            case "update-ref" when rest.Contains("-d"):
            case "reflog" when rest.FirstOrDefault() is "expire" or "delete":
            case "gc" when rest.Any(r => r.StartsWith("--prune=now", StringComparison.Ordinal)):
                return i.Is(RiskLevel.High, "discards-work");
            case "branch" or "tag" or "remote" or "stash" or "worktree" or "notes" or "submodule":
                string first = rest.FirstOrDefault(r => !r.StartsWith('-')) ?? "";
                bool reads = verb switch
                {
                    "stash" => first is "list" or "show",
                    "worktree" or "notes" => first is "list" or "show",
                    "submodule" => first is "status" or "summary" or "",
                    "remote" => first is "" or "show" or "get-url",
                    _ => first.Length == 0 || rest.Any(r => r is "--list" or "-l" or "--contains" or "--merged" or "-v" or "-vv" or "-a" or "-r"),
                };
                return i.Is(reads ? RiskLevel.Low : RiskLevel.Medium, reads ? "reads-only" : "git-writes");
            case "config":
                bool readsConfig = rest.Any(r => r is "--get" or "--list" or "-l" or "--get-all" or "--get-regexp" or "get" or "list") || rest.Count(r => !r.StartsWith('-')) <= 1;
                return readsConfig && !rest.Contains("--unset") ? i.Is(RiskLevel.Low, "reads-only") : rest.Any(r => RunsCommand(r + "=")) || rest.Contains("--system") ? i.Is(RiskLevel.High, "runs-hidden-command") : i.Is(RiskLevel.Medium, "git-writes");
            case "commit" when rest.Contains("--no-verify") || rest.Contains("-n"):
                return i.Is(RiskLevel.High, "skips-checks");
            case "send-email":
                return i.Is(RiskLevel.High, "sends-data");
            default:
                return Reading.Contains(verb) ? i.Is(RiskLevel.Low, "reads-only") : i.Is(RiskLevel.Medium, "git-writes");
        }
    }

    private static RiskFinding Push(Invocation i, string[] rest)
    {
        if (rest.Any(r => r is "-n" or "--dry-run"))
        {
            return i.Is(RiskLevel.Low, "reads-only");
        }

        string[] operands = [.. rest.Where(r => !r.StartsWith('-'))];
        bool forced = rest.Any(r => r is "--force" or "--mirror" || r.StartsWith("--force-with-lease", StringComparison.Ordinal) || r == "--force-if-includes" || (r.StartsWith('-') && !r.StartsWith("--", StringComparison.Ordinal) && r.Contains('f')))
            || operands.Any(o => o.StartsWith('+'));
        bool deletes = rest.Any(r => r is "--delete" or "-d") || operands.Any(o => o.StartsWith(':'));
        bool isProtected = operands.Skip(1).Any(IsProtected) || rest.Any(r => r is "--mirror" or "--all");
        return (forced || deletes) && isProtected ? i.Is(RiskLevel.Critical, "rewrites-protected-branch")
            : forced ? i.Is(RiskLevel.High, "force-push") : i.Is(RiskLevel.High, "git-push");
    }

    private static bool IsProtected(string reference)
    {
        string branch = reference[(reference.LastIndexOf(':') + 1)..].TrimStart('+');
        branch = branch.StartsWith("refs/heads/", StringComparison.Ordinal) ? branch["refs/heads/".Length..] : branch;
        return branch is "main" or "master" or "trunk" or "production" or "prod" or "stable" or "release" or "develop" || branch.StartsWith("release/", StringComparison.Ordinal) || branch.StartsWith("release-", StringComparison.Ordinal);
    }

    /// <summary>Settings of git that name a command which git then runs.</summary>
    private static bool RunsCommand(string setting)
    {
        string name = setting.Split('=')[0].ToLowerInvariant();
        return name is "core.pager" or "core.editor" or "core.sshcommand" or "core.fsmonitor" or "core.hookspath" or "sequence.editor" or "diff.external" or "credential.helper" or "core.gitproxy" or "uploadpack.packobjectshook"
            || name.StartsWith("alias.", StringComparison.Ordinal) || (name.StartsWith("filter.", StringComparison.Ordinal) && !name.StartsWith("filter.lfs.", StringComparison.Ordinal)) || (name.StartsWith("pager.", StringComparison.Ordinal));
    }

    private static RiskFinding Hosting(Invocation i)
    {
        string[] words = [.. i.Operands.Take(2)];
        string verb = words.Length > 1 ? words[1] : "";
        if (words is ["api", ..])
        {
            string? method = i.Value("-X", "--method");
            bool fields = i.Arguments.Any(a => a is "-f" or "-F" or "--field" or "--raw-field" or "--input");
            return (method is null && !fields) || method is "GET" ? i.Is(RiskLevel.Low, "reads-only") : i.Is(RiskLevel.High, "sends-data");
        }

        if (verb is "view" or "list" or "status" or "diff" or "checks" or "watch" or "search" or "download" || words.FirstOrDefault() is "search" or "status" or "version" or "help" or "browse" or null)
        {
            return i.Is(RiskLevel.Low, "reads-only");
        }

        return verb is "checkout" or "clone" ? i.Is(RiskLevel.Medium, "git-writes") : i.Is(RiskLevel.High, "changes-remote");
    }
}
