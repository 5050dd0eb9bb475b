using System.Collections.Frozen;
using Muniment.Policy.Commands.Shell;

namespace Muniment.Policy.Commands.Rules;

/// <summary>Programs that run another one given in their arguments. What they wrap is judged as if it stood alone.</summary>
internal static class WrapperRules
{
    /// <summary>Wrapper, its options that take a value, and how many operands stand before the program.</summary>
    private static readonly FrozenDictionary<string, (string[] WithValue, int Operands)> Wrappers = new Dictionary<string, (string[], int)>(StringComparer.Ordinal)
    {
        ["sudo"] = (["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-U", "-D", "-R", "--user", "--group", "--chdir"], 0), ["doas"] = (["-u", "-C"], 0),
        ["env"] = (["-u", "-C", "--unset", "--chdir"], 0), ["nohup"] = ([], 0), ["nice"] = (["-n", "--adjustment"], 0), ["ionice"] = (["-c", "-n", "-p"], 0), ["timeout"] = (["-s", "-k", "--signal", "--kill-after"], 1),
        ["gtimeout"] = (["-s", "-k"], 1), ["stdbuf"] = (["-o", "-e", "-i"], 0), ["setsid"] = ([], 0), ["builtin"] = ([], 0), ["exec"] = (["-a"], 0), ["command"] = ([], 0), ["busybox"] = ([], 0), ["toybox"] = ([], 0),
        ["xargs"] = (["-I", "-n", "-P", "-L", "-d", "-a", "-E", "-s", "--max-args", "--max-procs", "--delimiter", "--arg-file"], 0), ["watch"] = (["-n", "-d", "--interval"], 0), ["flock"] = (["-w", "-E"], 1),
        ["chroot"] = (["--userspec"], 1), ["strace"] = (["-e", "-o", "-p", "-s"], 0), ["ltrace"] = (["-e", "-o"], 0), ["chronic"] = ([], 0), ["unbuffer"] = ([], 0), ["caffeinate"] = (["-t", "-w"], 0), ["time"] = (["-f", "-o"], 0),
        ["unshare"] = ([], 0), ["nsenter"] = (["-t"], 0), ["dotenv"] = (["-f", "-e"], 0), ["proxychains"] = (["-f"], 0), ["proxychains4"] = (["-f"], 0), ["parallel"] = (["-j", "--jobs", "-a"], 0), ["firejail"] = ([], 0), ["winpty"] = ([], 0),
        ["arch"] = ([], 0), ["taskset"] = (["-c"], 1), ["setarch"] = ([], 1), ["torsocks"] = ([], 0), ["gosu"] = ([], 1), ["su-exec"] = ([], 1), ["runuser"] = (["-u", "-g"], 0), ["systemd-run"] = (["-p", "--unit", "-u"], 0),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Program runners of ecosystems: program, then a verb, then the wrapped program.</summary>
    private static readonly FrozenSet<string> Runners = new[] { "uv run", "poetry run", "pipenv run", "pdm run", "hatch run", "rye run", "bundle exec", "mise exec", "direnv exec", "pixi run", "op run", "doppler run", "infisical run", "aws-vault exec", "nix develop" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a program changes nothing about what the next one does.</summary>
    public static bool IsTransparent(string name) => Wrappers.ContainsKey(name);

    /// <summary>Null when it wraps nothing.</summary>
    public static RiskFinding? Judge(Invocation i, ScriptJudge judge, int depth)
    {
        if (i.Name == "function" || (i.Name is "find" or "fd" or "fdfind" && Executes(i) >= 0))
        {
            int from = i.Name == "function" ? i.Arguments.ToList().IndexOf("{") : Executes(i);
            return from < 0 || from + 2 >= i.Words.Count + 1 ? i.Is(RiskLevel.Low, "reads-only") : Inner(i, from + 2, judge, depth, i.Name == "function" ? null : "{}");
        }

        if (i.Name is "su" or "runuser" or "script" or "ssh-agent" && i.Value("-c", "--command") is { } script)
        {
            return Raise(judge.Judge(script, depth + 1), i);
        }

        if (i.Name is "command" && (i.Has('v') || i.Has('V')))
        {
            return i.Is(RiskLevel.Low, "reads-only");
        }

        if (i.Name is "env" && i.Value("-S", "--split-string") is { } split)
        {
            return judge.Judge(split, depth + 1);
        }

        string verb = i.Verb;
        if (Runners.Contains(i.Name + " " + verb))
        {
            int at = 1 + i.Arguments.ToList().IndexOf(verb) + 1;
            at += i.Name is "direnv" ? 1 : 0;
            while (at < i.Words.Count && i.Words[at].Text.StartsWith('-'))
            {
                at += i.Words[at].Text is "--with" or "--python" or "-p" or "--extra" or "--group" or "--package" ? 2 : 1;
            }

            return at < i.Words.Count ? Inner(i, at, judge, depth, null).Worse(i.Is(RiskLevel.Low, "runs-program")) : i.Is(RiskLevel.Medium, "runs-program");
        }

        if (!Wrappers.TryGetValue(i.Name, out (string[] WithValue, int Operands) wrapper))
        {
            return null;
        }

        int start = Skip(i, wrapper.WithValue, wrapper.Operands, out RiskFinding assigned);
        if (start >= i.Words.Count)
        {
            return assigned.Worse(i.Name is "sudo" or "doas" or "su" && (i.Has('i') || i.Has('s')) ? i.Is(RiskLevel.High, "root-shell") : i.Is(RiskLevel.Low, "reads-only"));
        }

        // watch and parallel hand one text to a shell.
        RiskFinding inner = i.Name is "watch" or "parallel" && start == i.Words.Count - 1 ? judge.Judge(i.Words[start].Text, depth + 1) : Inner(i, start, judge, depth, i.Name == "xargs" ? "" : null);
        inner = inner.Worse(assigned);
        return i.Name is "sudo" or "doas" or "runuser" or "gosu" or "su-exec" ? Raise(inner, i) : inner;
    }

    /// <summary>As another user, mostly root, everything weighs one level more.</summary>
    private static RiskFinding Raise(RiskFinding inner, Invocation i) => inner.Level switch
    {
        RiskLevel.Low => inner with { Level = RiskLevel.Medium, Rule = inner.Rule + "-as-root", Part = i.Source },
        RiskLevel.Medium => inner with { Level = RiskLevel.High, Rule = inner.Rule + "-as-root", Part = i.Source },
        _ => inner,
    };

    /// <summary>Where the wrapped program stands; options, their values, operands and <c>NAME=value</c> are passed over.</summary>
    private static int Skip(Invocation i, string[] withValue, int operands, out RiskFinding assigned)
    {
        assigned = i.Is(RiskLevel.Low, "reads-only");
        int at = 1;
        for (; at < i.Words.Count; at++)
        {
            string text = i.Words[at].Text;
            if (text == "--")
            {
                at++;
                break;
            }

            if (text.StartsWith('-') && text.Length > 1)
            {
                at += withValue.Contains(text) ? 1 : 0;
                continue;
            }

            int equals = text.IndexOf('=');
            if (i.Name is "env" or "sudo" or "doas" && equals > 0 && text.AsSpan(0, equals).IndexOfAny('/', ' ') < 0)
            {
                assigned = assigned.Worse(WatcherRules.Set(text[..equals], text[(equals + 1)..], i.Source));
                continue;
            }

            if (operands-- <= 0)
            {
                break;
            }
        }

        return at;
    }

    /// <summary>Judges the words from one on. <paramref name="fed"/> is what stands for names that are fed in: they can be anything.</summary>
    private static RiskFinding Inner(Invocation i, int from, ScriptJudge judge, int depth, string? fed)
    {
        List<ShellWord> words = [.. i.Words.Skip(from).TakeWhile(w => fed != "{}" || w.Text is not (";" or "+"))];
        if (words.Count == 0)
        {
            return i.Is(RiskLevel.Low, "reads-only");
        }

        if (fed == "")
        {
            words.Add(new ShellWord("{}") { IsDynamic = true });
        }

        return judge.Words(words, i.Command, fed is null ? i.Upstream : [], i.Source, depth + 1);
    }

    /// <summary>Index among the arguments of find's <c>-exec</c> and its kin, or fd's <c>-x</c>; -1 when there is none.</summary>
    private static int Executes(Invocation i) => i.Arguments.ToList().FindIndex(a => i.Name == "find" ? a is "-exec" or "-execdir" or "-ok" or "-okdir" : a is "-x" or "-X" or "--exec" or "--exec-batch");
}
