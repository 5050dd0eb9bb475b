using System.Collections.Frozen;

namespace Muniment.Policy.Commands.Rules;

/// <summary>Package managers: what a lock file or manifest names is medium, anything new is high, publishing is high.</summary>
internal static class PackageRules
{
    private static readonly FrozenSet<string> System = new[] { "apt", "apt-get", "aptitude", "yum", "dnf", "zypper", "pacman", "apk", "brew", "port", "snap", "flatpak", "choco", "winget", "scoop", "emerge", "dpkg", "rpm", "nix-env", "pkg", "yay" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Downloaders = new[] { "npx", "pnpx", "bunx", "uvx", "pipx" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Null when it is none of them, or a verb without packages.</summary>
    public static RiskFinding? Judge(Invocation i)
    {
        string verb = i.Verb;
        string[] rest = [.. i.Operands.Skip(1)];
        switch (i.Name)
        {
            case "npm" or "yarn" or "pnpm" or "bun" or "cnpm":
                return Node(i, verb, rest);
            case "pip" or "pip3" or "pipenv" or "poetry" or "uv" or "conda" or "mamba" or "pdm" or "rye":
                return Python(i, verb, rest);
            case "gem" or "bundle" or "bundler" or "composer" or "cargo" or "go" or "dotnet" or "nuget" or "luarocks" or "cpan" or "cpanm" or "mix" or "hex" or "cabal" or "stack" or "twine" or "pod" or "helm" or "deno":
                return Others(i, verb, rest);
            default:
                if (Downloaders.Contains(i.Name))
                {
                    return i.Name == "pipx" && verb is "list" ? i.Is(RiskLevel.Low, "reads-only") : i.Has('\0', "--no-install", "--no") || (i.Name == "npx" && IsLocalTool(verb)) ? Tool(i, verb) : i.Is(RiskLevel.High, "runs-new-package");
                }

                return System.Contains(i.Name) ? SystemPackages(i, verb) : null;
        }
    }

    /// <summary>Tools that projects have in their own dependencies nearly always.</summary>
    private static bool IsLocalTool(string name) =>
        name is "jest" or "vitest" or "mocha" or "eslint" or "tsc" or "prettier" or "playwright" or "cypress" or "next" or "vite" or "nx" or "turbo" or "prisma" or "tsx" or "ts-node" or "webpack" or "stylelint" or "biome" or "rimraf" or "lerna" or "husky" or "lint-staged";

    private static RiskFinding Tool(Invocation i, string name) => name is "jest" or "vitest" or "mocha" or "eslint" or "playwright" or "cypress" or "stylelint" ? i.Is(RiskLevel.Low, "tests") : i.Is(RiskLevel.Medium, "runs-program");

    private static RiskFinding? Node(Invocation i, string verb, string[] rest)
    {
        if (i.Name == "bun" && verb.Contains('.', StringComparison.Ordinal))
        {
            return i.Is(RiskLevel.Medium, "runs-script");
        }

        switch (verb)
        {
            case "install" or "i" or "add" or "in" or "isntall":
                return rest.Length == 0 ? i.Is(RiskLevel.Medium, "installs-locked") : i.Is(RiskLevel.High, "installs-new-package");
            case "" when i.Name is "yarn" or "pnpm" && i.Arguments.All(a => a.StartsWith("--", StringComparison.Ordinal) && a is not ("--version" or "--help")):
                return i.Is(RiskLevel.Medium, "installs-locked");
            case "ci" or "clean-install" or "update" or "up" or "upgrade" or "dedupe" or "prune" or "rebuild" or "remove" or "uninstall" or "rm" or "un" or "link" or "init" or "version" or "pack" or "cache" or "config" or "set":
                return i.Is(RiskLevel.Medium, "installs-locked");
            case "test" or "t" or "tst" or "ls" or "list" or "outdated" or "view" or "info" or "audit" or "why" or "explain" or "--version" or "-v" or "" or "help" or "root" or "prefix" or "bin" or "search" or "ping" or "fund" or "whoami" or "lint" or "licenses" or "doctor":
                return verb == "audit" && rest.Contains("fix") ? i.Is(RiskLevel.Medium, "installs-locked") : i.Is(RiskLevel.Low, verb.StartsWith('t') ? "tests" : "reads-only");
            case "run" or "run-script" or "rum":
                string script = rest.FirstOrDefault() ?? "";
                bool tests = script.StartsWith("test", StringComparison.Ordinal) || script.StartsWith("lint", StringComparison.Ordinal) || script is "check" or "typecheck" or "type-check" or "";
                return i.Is(tests ? RiskLevel.Low : RiskLevel.Medium, tests ? "tests" : "runs-script");
            case "publish" or "unpublish" or "deprecate" or "owner" or "access" or "dist-tag" or "login" or "adduser" or "logout" or "token" or "team" or "org":
                return i.Is(RiskLevel.High, "publishes");
            case "exec" or "x" or "dlx" or "create":
                return rest.FirstOrDefault() is { } tool && verb == "exec" && IsLocalTool(tool) ? Tool(i, tool) : verb == "exec" ? i.Is(RiskLevel.Medium, "runs-program") : i.Is(RiskLevel.High, "runs-new-package");
            default:
                // yarn and pnpm run scripts by their bare name.
                bool lints = verb.StartsWith("test", StringComparison.Ordinal) || verb.StartsWith("lint", StringComparison.Ordinal) || verb is "jest" or "vitest" or "eslint" or "typecheck";
                return i.Is(lints ? RiskLevel.Low : RiskLevel.Medium, lints ? "tests" : "runs-script");
        }
    }

    private static RiskFinding? Python(Invocation i, string verb, string[] rest)
    {
        if (i.Name == "uv" && verb is "pip" or "tool" && rest.Length > 0)
        {
            verb = rest[0] == "run" ? "tool-run" : rest[0];
            rest = rest[1..];
        }

        bool fromFile = i.Has('\0', "-r", "--requirement", "-e", "--editable", "--file", "-f", "--no-deps") || (rest.Length > 0 && rest.All(r => r is "." or "./" || r.StartsWith("./", StringComparison.Ordinal) || r.StartsWith(".[", StringComparison.Ordinal)));
        return verb switch
        {
            "install" or "add" => fromFile || rest.Length == 0 ? i.Is(RiskLevel.Medium, "installs-locked") : i.Is(RiskLevel.High, "installs-new-package"),
            "sync" or "lock" or "update" or "upgrade" or "uninstall" or "remove" or "download" or "wheel" or "create" or "venv" or "init" or "build" or "cache" or "activate" or "export" or "env" => i.Is(RiskLevel.Medium, "installs-locked"),
            "publish" => i.Is(RiskLevel.High, "publishes"),
            "tool-run" => i.Is(RiskLevel.High, "runs-new-package"),
            "list" or "show" or "freeze" or "check" or "tree" or "search" or "info" or "config" or "version" or "index" or "python" or "" or "help" or "debug" or "inspect" => i.Is(RiskLevel.Low, "reads-only"),
            _ => i.Is(RiskLevel.Medium, "unknown-program"),
        };
    }

    private static RiskFinding? Others(Invocation i, string verb, string[] rest) => (i.Name, verb) switch
    {
        ("gem", "install") or ("luarocks", "install") or ("pod", "install") when rest.Length > 0 => i.Is(RiskLevel.High, "installs-new-package"),
        ("cpan" or "cpanm", _) => i.Is(RiskLevel.High, "installs-new-package"),
        ("gem", "push" or "yank") or ("cargo", "publish" or "yank" or "login") or ("dotnet" or "nuget", "push") or ("twine", "upload") or ("pod", "trunk") or ("mix", "hex.publish") or ("helm", "push") => i.Is(RiskLevel.High, "publishes"),
        ("dotnet", "nuget") => rest.FirstOrDefault() is "push" or "delete" ? i.Is(RiskLevel.High, "publishes") : i.Is(RiskLevel.Medium, "installs-locked"),
        ("cargo", "add" or "install") => rest.Length > 0 && !rest.All(r => r.StartsWith('.')) && !i.Has('\0', "--path") ? i.Is(RiskLevel.High, "installs-new-package") : i.Is(RiskLevel.Medium, "installs-locked"),
        ("go", "get" or "install") => rest.Length > 0 && !rest.All(r => r.StartsWith("./", StringComparison.Ordinal)) ? i.Is(RiskLevel.High, "installs-new-package") : i.Is(RiskLevel.Medium, "installs-locked"),
        ("composer", "require") or ("bundle", "add") or ("deno", "install" or "add") => i.Is(RiskLevel.High, "installs-new-package"),
        ("dotnet", "add" or "tool" or "workload" or "package") => rest.Contains("restore") || rest.Contains("reference") || rest.Contains("list") ? i.Is(RiskLevel.Medium, "installs-locked") : i.Is(RiskLevel.High, "installs-new-package"),
        ("bundle" or "bundler" or "composer" or "pod", "install" or "update" or "") => i.Is(RiskLevel.Medium, "installs-locked"),
        ("gem" or "bundle" or "composer", "list" or "show" or "outdated" or "info" or "env" or "search") => i.Is(RiskLevel.Low, "reads-only"),
        _ => null,
    };

    private static RiskFinding? SystemPackages(Invocation i, string verb)
    {
        if (verb is "list" or "search" or "show" or "info" or "policy" or "depends" or "rdepends" or "outdated" or "deps" or "leaves" or "query" or "repolist" or "why" or "config" or "doctor" or "check-update" or "" && !(i.Name == "pacman" && i.Has('S'))
            || (i.Name is "dpkg" or "rpm" && (i.Has('l') || i.Has('q') || i.Has('L') || i.Has('s'))) || (i.Name == "pacman" && i.Has('Q')))
        {
            return i.Is(RiskLevel.Low, "reads-only");
        }

        return verb is "update" or "makecache" or "refresh" or "clean" or "autoclean" && i.Name != "choco" ? i.Is(RiskLevel.Medium, "package-lists") : i.Is(RiskLevel.High, "installs-new-package");
    }
}
