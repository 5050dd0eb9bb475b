using System.Collections.Frozen;
using Muniment.Policy.Commands.Shell;

namespace Muniment.Policy.Commands.Rules;

/// <summary>Programs that run other programs' text: shells, <c>eval</c>, <c>source</c>, and languages.</summary>
internal static class InterpreterRules
{
    private const int MaxTexts = 100;

    private static readonly FrozenSet<string> Shells = new[] { "sh", "bash", "zsh", "dash", "ksh", "fish", "ash", "csh", "tcsh", "rbash" }.ToFrozenSet(StringComparer.Ordinal);

    private static readonly FrozenSet<string> Languages =
        new[] { "python", "python2", "python3", "pypy", "pypy3", "perl", "ruby", "node", "nodejs", "deno", "bun", "php", "lua", "osascript", "pwsh", "powershell", "tclsh", "rscript", "julia", "groovy", "ts-node", "tsx" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What prints settings for the shell that started it, and is run by <c>eval</c> everywhere.</summary>
    private static readonly FrozenSet<string> ShellSetup =
        new[] { "ssh-agent", "direnv", "brew", "pyenv", "rbenv", "nodenv", "fnm", "dircolors", "starship", "mise", "zoxide", "opam", "conda", "docker-machine", "minikube", "thefuck", "lesspipe", "/opt/homebrew/bin/brew" }.ToFrozenSet(StringComparer.Ordinal);

    public static bool IsShell(string name) => Shells.Contains(name);

    public static bool IsLanguage(string name) => Languages.Contains(name) || (name.StartsWith("python3.", StringComparison.Ordinal) && name.Length <= 10);

    /// <summary>Null when it is none of them.</summary>
    public static RiskFinding? Judge(Invocation i, ScriptJudge judge, int depth)
    {
        if (IsShell(i.Name))
        {
            return Shell(i, judge, depth);
        }

        return i.Name switch
        {
            "eval" => Eval(i, judge, depth),
            "source" or "." => Source(i, judge),
            "trap" => i.Words.Count > 1 ? judge.Judge(i.Words[1].Text, depth + 1).Worse(i.Is(RiskLevel.Low, "reads-only")) : i.Is(RiskLevel.Low, "reads-only"),
            _ => IsLanguage(i.Name) ? Language(i, judge, depth) : null,
        };
    }

    private static RiskFinding Shell(Invocation i, ScriptJudge judge, int depth)
    {
        int at = 1;
        bool command = false;
        for (; at < i.Words.Count && i.Words[at].Text is ['-' or '+', _, ..] option; at++)
        {
            if (option == "--")
            {
                at++;
                break;
            }

            bool isLong = option.StartsWith("--", StringComparison.Ordinal);
            if (option is "--version" or "--help" || (i.Words.Count == 2 && option == "-n"))
            {
                return i.Is(RiskLevel.Low, "reads-only");
            }

            command |= !isLong && option.Contains('c');
            at += option is "-o" or "-O" or "+o" or "+O" or "--rcfile" or "--init-file" ? 1 : 0;
        }

        if (command)
        {
            return at < i.Words.Count ? Text(i, i.Words[at], judge, depth) : i.Is(RiskLevel.Medium, "runs-script");
        }

        if (at < i.Words.Count && !i.Has('s'))
        {
            return File(i, i.Words[at], judge);
        }

        return StandardInput(i, judge, depth) ?? i.Is(RiskLevel.Medium, "runs-script");
    }

    /// <summary>A script given as a text.</summary>
    private static RiskFinding Text(Invocation i, ShellWord script, ScriptJudge judge, int depth)
    {
        RiskFinding inner = judge.Judge(script.Text, depth + 1);
        if (script.Inner.Count > 0 && !script.Text.Replace("$()", "", StringComparison.Ordinal).AsSpan().Trim().ContainsAnyInRange('a', 'z'))
        {
            return Computed(i, script).Worse(inner);
        }

        return inner.Worse(i.Is(RiskLevel.Low, "reads-only"));
    }

    /// <summary>What is run is itself the output of a command.</summary>
    private static RiskFinding Computed(Invocation i, ShellWord script) => Origins.Of(script.Inner) switch
    {
        Origin.Network => i.Is(RiskLevel.Critical, "pipe-to-shell"),
        Origin.Decoder => i.Is(RiskLevel.Critical, "decode-and-run"),
        _ => i.Is(RiskLevel.High, "computed-command"),
    };

    private static RiskFinding File(Invocation i, ShellWord file, ScriptJudge judge)
    {
        if (file.Inner.Count > 0)
        {
            return Computed(i, file);
        }

        return judge.Fetched.Contains(PathRules.Normalise(file.Text)) ? i.Is(RiskLevel.Critical, "download-and-run") : i.Is(RiskLevel.Medium, "runs-script");
    }

    /// <summary>What comes through a pipe, a here-document, a here-string or a file; null when nothing does.</summary>
    private static RiskFinding? StandardInput(Invocation i, ScriptJudge judge, int depth)
    {
        foreach (ShellRedirect redirect in i.Command.Redirects)
        {
            switch (redirect.Operator)
            {
                case "<<" or "<<-":
                    return IsShell(i.Name) ? judge.Judge(redirect.Body ?? "", depth + 1) : Code(i, redirect.Body ?? "");
                case "<<<":
                    return redirect.Target.Inner.Count > 0 ? Computed(i, redirect.Target) : IsShell(i.Name) ? judge.Judge(redirect.Target.Text, depth + 1) : Code(i, redirect.Target.Text);
                case "<":
                    return File(i, redirect.Target, judge);
            }
        }

        if (i.Upstream.Count == 0)
        {
            return null;
        }

        switch (Origins.Of(i.Upstream))
        {
            case Origin.Network:
                return i.Is(RiskLevel.Critical, "pipe-to-shell");
            case Origin.Decoder:
                return i.Is(RiskLevel.Critical, "decode-and-run");
        }

        ShellCommand first = i.Upstream[0];
        bool literal = i.Upstream.Count == 1 && first.Words.Count > 1 && first.Words[0].Text is "echo" or "printf" && !first.Words.Any(w => w.IsDynamic);
        if (literal && IsShell(i.Name))
        {
            return judge.Judge(string.Join(' ', first.Words.Skip(1).Select(w => w.Text).SkipWhile(t => t is "-e" or "-n" or "-ne" or "-en")).Replace("\\n", "\n", StringComparison.Ordinal), depth + 1).Worse(i.Is(RiskLevel.Medium, "runs-script"));
        }

        return i.Is(RiskLevel.High, "pipe-to-interpreter");
    }

    private static RiskFinding Eval(Invocation i, ScriptJudge judge, int depth)
    {
        ShellWord[] scripts = [.. i.Words.Skip(1).Where(w => w.Inner.Count > 0)];
        if (scripts.Length == 0)
        {
            RiskFinding inner = judge.Judge(string.Join(' ', i.Arguments), depth + 1);
            return i.Words.Skip(1).Any(w => w.IsDynamic) ? inner.Worse(i.Is(RiskLevel.High, "computed-command")) : inner.Worse(i.Is(RiskLevel.Medium, "runs-script"));
        }

        if (scripts.SelectMany(s => s.Inner).All(s => Origins.Program(s) is { } program && ShellSetup.Contains(program)))
        {
            return i.Is(RiskLevel.Medium, "shell-setup");
        }

        RiskFinding worst = Computed(i, scripts[0]);
        foreach (ShellWord script in scripts.Skip(1))
        {
            worst = worst.Worse(Computed(i, script));
        }

        return worst;
    }

    private static RiskFinding Source(Invocation i, ScriptJudge judge) => i.Words.Count > 1 ? File(i, i.Words[1], judge) : i.Is(RiskLevel.Low, "reads-only");

    private static RiskFinding Language(Invocation i, ScriptJudge judge, int depth)
    {
        if (i.Arguments is ["--version" or "-V" or "-v" or "--help" or "-h"])
        {
            return i.Is(RiskLevel.Low, "reads-only");
        }

        if (i.Name is "powershell" or "pwsh")
        {
            return PowerShell(i, judge, depth);
        }

        if (i.Name.StartsWith("py", StringComparison.Ordinal) && i.Value("-m") is { } module)
        {
            return Module(i, module, judge, depth);
        }

        if (i.Name is "node" && i.Has('\0', "--test"))
        {
            return i.Is(RiskLevel.Low, "tests");
        }

        if (i.Name is "deno" or "bun" && i.Verb is not "" && ProgramTable.Verb(i) is { } known)
        {
            return known;
        }

        if (i.Value("-c", "-e", "-r", "--eval", "-p", "-pe", "-ne", "-E", "--print", "-pi", "eval") is { } code)
        {
            ShellWord? computed = i.Words.FirstOrDefault(w => w.Inner.Count > 0);
            return computed is not null && computed.Text.Trim() == "$()" ? Computed(i, computed) : Code(i, code).Worse(Quoted(i, code, judge, depth));
        }

        ShellWord? file = i.Words.Skip(1).FirstOrDefault(w => !w.Text.StartsWith('-'));
        return file is not null ? File(i, file, judge) : StandardInput(i, judge, depth) ?? i.Is(RiskLevel.Medium, "runs-script");
    }

    private static RiskFinding Module(Invocation i, string module, ScriptJudge judge, int depth)
    {
        int at = i.Words.ToList().FindIndex(w => w.Text == "-m");
        return module switch
        {
            "pip" or "pytest" or "unittest" or "tox" or "nox" or "mypy" or "flake8" or "pylint" or "ruff" or "black" or "isort" or "coverage" or "pipx" or "poetry" or "twine" or "uv" or "virtualenv"
                => judge.Words([.. i.Words.Skip(at + 1)], i.Command, i.Upstream, i.Source, depth + 1),
            "venv" or "build" or "compileall" or "ensurepip" => i.Is(RiskLevel.Medium, "writes-files"),
            "json.tool" or "this" or "site" or "sysconfig" or "timeit" or "doctest" or "py_compile" => i.Is(RiskLevel.Low, "reads-only"),
            _ => i.Is(RiskLevel.Medium, "runs-script"),
        };
    }

    /// <summary>Shell commands that stand as texts in code: <c>os.system("rm -rf /")</c>.</summary>
    private static RiskFinding Quoted(Invocation i, string code, ScriptJudge judge, int depth)
    {
        RiskFinding worst = i.Is(RiskLevel.Low, "reads-only");
        string[] texts = code.Split('"', '\'', '`');
        for (int at = 1; at < Math.Min(texts.Length, MaxTexts); at += 2)
        {
            RiskFinding one = texts[at].Contains(' ', StringComparison.Ordinal) ? judge.Judge(texts[at], depth + 1) : worst;
            worst = one.Level == RiskLevel.Critical ? worst.Worse(one) : worst;
        }

        return worst;
    }

    /// <summary>Code given as a text: judged by what it names, since it is not read as a program.</summary>
    private static RiskFinding Code(Invocation i, string code)
    {
        string text = code.ToLowerInvariant();
        bool Names(params ReadOnlySpan<string> words)
        {
            foreach (string word in words)
            {
                if (text.Contains(word, StringComparison.Ordinal))
                {
                    return true;
                }
            }

            return false;
        }

        bool runs = Names("exec(", "eval(", "compile(", "os.system", "subprocess", "popen", "child_process", "execsync", "spawn", "system(", "`", "shell_exec", "passthru", "runtime.exec", "pty.");
        if (runs && Names("b64decode", "base64", "fromhex", "decode64", "atob(", "zlib.decompress", "unhexlify", "codecs.decode"))
        {
            return i.Is(RiskLevel.Critical, "decode-and-run");
        }

        if (runs && Names("urlopen", "requests.get", "urllib", "fetch(", "http.get", "https.get", "net::http", "lwp", "file_get_contents('http", "file_get_contents(\"http"))
        {
            return i.Is(RiskLevel.Critical, "pipe-to-shell");
        }

        if (Names("socket") && Names("dup2", "pty.spawn", "/bin/sh", "/bin/bash"))
        {
            return i.Is(RiskLevel.Critical, "reverse-shell");
        }

        if (Names("rmtree('/'", "rmtree(\"/\"", "rmsync('/'", "rmsync(\"/\""))
        {
            return i.Is(RiskLevel.Critical, "deletes-everything");
        }

        return runs || Names("rmtree", "unlink", "requests.post", "urlopen", "requests.", "fetch(", "socket", "smtplib", "os.remove", "rmsync", "http.request", ".aws/credentials", "id_rsa", ".ssh/", "os.environ", "process.env")
            ? i.Is(RiskLevel.High, "code-reaches-out")
            : i.Is(RiskLevel.Medium, "runs-code");
    }

    private static RiskFinding PowerShell(Invocation i, ScriptJudge judge, int depth)
    {
        string all = string.Join(' ', i.Arguments).ToLowerInvariant();
        if (i.Arguments.Any(a => a.Length > 1 && "-encodedcommand".StartsWith(a.ToLowerInvariant(), StringComparison.Ordinal) && a.StartsWith("-e", StringComparison.OrdinalIgnoreCase) && a.Length > 2) || i.Has('\0', "-e", "-E"))
        {
            return i.Is(RiskLevel.Critical, "decode-and-run");
        }

        bool downloads = all.Contains("downloadstring", StringComparison.Ordinal) || all.Contains("iwr ", StringComparison.Ordinal) || all.Contains("invoke-webrequest", StringComparison.Ordinal) || all.Contains("invoke-restmethod", StringComparison.Ordinal) || all.Contains("irm ", StringComparison.Ordinal);
        bool runs = all.Contains("iex", StringComparison.Ordinal) || all.Contains("invoke-expression", StringComparison.Ordinal);
        if (downloads && runs)
        {
            return i.Is(RiskLevel.Critical, "pipe-to-shell");
        }

        int at = i.Words.ToList().FindIndex(w => w.Text.ToLowerInvariant() is "-command" or "-c");
        if (at > 0 && at + 1 < i.Words.Count)
        {
            return judge.Judge(string.Join(' ', i.Words.Skip(at + 1).Select(w => w.Text)), depth + 1).Worse(runs ? i.Is(RiskLevel.High, "computed-command") : i.Is(RiskLevel.Low, "reads-only"));
        }

        return i.Is(RiskLevel.Medium, "runs-script");
    }
}
