using Muniment.Policy.Commands.Rules;
using Muniment.Policy.Commands.Shell;

namespace Muniment.Policy.Commands;

/// <summary>Judges a script and the scripts inside it. One use, one thread.</summary>
internal sealed class ScriptJudge
{
    private const int MaxDepth = 10;
    private const int MaxCommands = 4000;

    private int commands;
    private string directory = ".";

    /// <summary>Names of files that this very command has downloaded or decoded.</summary>
    public HashSet<string> Fetched { get; } = new(StringComparer.Ordinal);

    /// <summary>The worst part.</summary>
    public RiskFinding Judge(string script, int depth)
    {
        if (depth > MaxDepth)
        {
            return new RiskFinding(RiskLevel.High, "nested-too-deep", script);
        }

        var parser = new ShellParser(script);
        var worst = new RiskFinding(RiskLevel.Low, "empty", script);
        bool any = false;
        foreach (ShellPipeline pipeline in parser.Parse())
        {
            RiskFinding finding = Pipeline(pipeline, depth);
            worst = any ? worst.Worse(finding) : finding;
            any = true;
        }

        if (parser.IsBroken)
        {
            worst = worst.Worse(new RiskFinding(RiskLevel.High, "cannot-be-read", script));
        }

        return IsForkBomb(script) ? new RiskFinding(RiskLevel.Critical, "fork-bomb", script) : worst;
    }

    private RiskFinding Pipeline(ShellPipeline pipeline, int depth)
    {
        RiskFinding worst = default;
        for (int i = 0; i < pipeline.Commands.Count; i++)
        {
            RiskFinding finding = Command(pipeline.Commands[i], [.. pipeline.Commands.Take(i)], pipeline.Source, depth);
            worst = i == 0 ? finding : worst.Worse(finding);
        }

        return worst;
    }

    private RiskFinding Command(ShellCommand command, IReadOnlyList<ShellCommand> upstream, string pipeline, int depth)
    {
        if (++commands > MaxCommands)
        {
            return new RiskFinding(RiskLevel.High, "too-many-commands", command.Source);
        }

        var worst = new RiskFinding(RiskLevel.Low, command.Words.Count > 0 ? "reads-only" : "assignment", command.Source);
        foreach (KeyValuePair<string, ShellWord> assignment in command.Assignments)
        {
            worst = worst.Worse(Inside(assignment.Value, depth));
            worst = worst.Worse(WatcherRules.Set(assignment.Key, assignment.Value.Text, command.Source));
        }

        foreach (ShellRedirect redirect in command.Redirects)
        {
            worst = worst.Worse(Inside(redirect.Target, depth));
            worst = worst.Worse(Redirect(redirect, command, depth));
        }

        foreach (ShellWord word in command.Words)
        {
            worst = worst.Worse(Inside(word, depth));
        }

        if (command.Words.Count > 0)
        {
            RiskFinding finding = Words(command.Words, command, upstream, upstream.Count > 0 ? pipeline : command.Source, depth);
            worst = worst.Level == RiskLevel.Low || finding.Level > worst.Level ? finding.Worse(worst) : worst;
            worst = worst.Worse(Here(command));
        }

        return worst;
    }

    /// <summary>Remembers where <c>cd</c> went: <c>cd / &amp;&amp; rm -rf *</c> deletes everything too.</summary>
    private RiskFinding Here(ShellCommand command)
    {
        string name = Invocation.ProgramName(command.Words[0].Text);
        if (name is "cd" or "pushd")
        {
            string to = command.Words.Skip(1).Select(w => w.Text).FirstOrDefault(w => !w.StartsWith('-')) ?? "~";
            directory = to.StartsWith('/') || to.StartsWith('~') ? to : directory + "/" + to;
        }

        bool deletes = PathRules.IsVital(directory) && command.Words.Exists(w => Invocation.ProgramName(w.Text) == "rm")
            && command.Words.Exists(w => w.Text.StartsWith('-') && !w.Text.StartsWith("--", StringComparison.Ordinal) && w.Text.AsSpan().IndexOfAny('r', 'R') > 0)
            && command.Words.Exists(w => w.Text is "*" or "." or "./*" or ".*" or "./" or "..");
        return deletes ? new RiskFinding(RiskLevel.Critical, "deletes-everything", command.Source) : new RiskFinding(RiskLevel.Low, "reads-only", command.Source);
    }

    /// <summary>Judges a program and its arguments; wrappers call it again with what they wrap.</summary>
    public RiskFinding Words(IReadOnlyList<ShellWord> words, ShellCommand command, IReadOnlyList<ShellCommand> upstream, string source, int depth)
    {
        ShellWord program = words[0];
        if (depth > MaxDepth)
        {
            return new RiskFinding(RiskLevel.High, "nested-too-deep", source);
        }

        if (program.IsDynamic && (program.IsComputed || program.Inner.Count > 0) && !program.Text.Contains('/', StringComparison.Ordinal))
        {
            return new RiskFinding(RiskLevel.High, "computed-command", source);
        }

        if (!program.IsQuoted && program.Text.AsSpan().IndexOfAny('*', '?', '[') >= 0 && program.Text is not ("[" or "[["))
        {
            return new RiskFinding(RiskLevel.High, "computed-command", source);
        }

        var invocation = new Invocation(words, command, upstream, source);
        if (WrapperRules.Judge(invocation, this, depth) is { } wrapped)
        {
            return wrapped.Worse(AgentRules.Flags(invocation));
        }

        RiskFinding finding = ProgramRules.Judge(invocation, this, depth);
        finding = finding.Worse(AgentRules.Flags(invocation));
        finding = finding.Worse(SecretRules.Reads(invocation));
        return finding.Worse(DeployRules.Judge(invocation));
    }

    private RiskFinding Inside(ShellWord word, int depth)
    {
        var worst = new RiskFinding(RiskLevel.Low, "reads-only", "");
        foreach (string script in word.Inner)
        {
            worst = worst.Worse(Judge(script, depth + 1));
        }

        return worst;
    }

    private RiskFinding Redirect(ShellRedirect redirect, ShellCommand command, int depth)
    {
        if (redirect.IsWrite)
        {
            if (redirect.Target.Text.StartsWith("/dev/tcp/", StringComparison.Ordinal) || redirect.Target.Text.StartsWith("/dev/udp/", StringComparison.Ordinal))
            {
                bool shell = command.Words.Count > 0 && InterpreterRules.IsShell(Invocation.ProgramName(command.Words[0].Text));
                return new RiskFinding(shell ? RiskLevel.Critical : RiskLevel.High, shell ? "reverse-shell" : "sends-data", command.Source);
            }

            return PathRules.Write(redirect.Target.Text, command.Source);
        }

        if (redirect.Operator is "<" && SecretRules.IsSecret(redirect.Target.Text))
        {
            return new RiskFinding(RiskLevel.High, "reads-secret", command.Source);
        }

        if (redirect.Body is { } body && !redirect.Target.IsQuoted && body.AsSpan().ContainsAny("$`"))
        {
            // Only substitutions run; the text is data unless a shell reads it, which the program's own rule sees.
            var parser = new ShellParser("echo \"" + body.Replace("\"", "", StringComparison.Ordinal) + "\"");
            var worst = new RiskFinding(RiskLevel.Low, "reads-only", command.Source);
            foreach (ShellWord word in parser.Parse().SelectMany(p => p.Commands).SelectMany(c => c.Words))
            {
                worst = worst.Worse(Inside(word, depth));
            }

            return worst;
        }

        return new RiskFinding(RiskLevel.Low, "reads-only", command.Source);
    }

    /// <summary><c>:(){ :|:&amp; };:</c> under whatever name.</summary>
    private static bool IsForkBomb(string script)
    {
        if (!script.Contains("()", StringComparison.Ordinal) || !script.Contains('&', StringComparison.Ordinal))
        {
            return false;
        }

        string text = string.Concat(script.Where(c => !char.IsWhiteSpace(c)));
        for (int at = text.IndexOf("(){", StringComparison.Ordinal); at > 0; at = text.IndexOf("(){", at + 1, StringComparison.Ordinal))
        {
            int start = at;
            while (start > 0 && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '_' or ':' or '.'))
            {
                start--;
            }

            string name = text[start..at];
            if (name.Length > 0 && string.CompareOrdinal(text, at + 3, $"{name}|{name}&", 0, (2 * name.Length) + 2) == 0)
            {
                return true;
            }
        }

        return false;
    }
}
