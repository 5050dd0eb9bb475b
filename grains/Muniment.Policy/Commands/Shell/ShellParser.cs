namespace Muniment.Policy.Commands.Shell;

/// <summary>
/// Reads a command line as a POSIX shell (with bash's extensions) does, into pipelines of simple commands. Control structures are opened up: every command in them
/// counts as if it ran. What a shell would refuse is read as far as it goes and marked <see cref="IsBroken"/>.
/// </summary>
internal sealed class ShellParser(string text)
{
    /// <summary>Most simple commands of one script.</summary>
    public const int MaxCommands = 2000;

    private static readonly HashSet<string> Openers = new(StringComparer.Ordinal)
        { "if", "then", "else", "elif", "while", "until", "do", "!", "{", "time", "coproc", "fi", "done", "esac", "}", "in" };

    private readonly List<ShellPipeline> pipelines = [];
    private readonly List<ShellCommand> stages = [];
    private readonly List<ShellRedirect> waiting = [];
    private readonly ShellVariables variables = new();
    private readonly WordBuilder word = new();
    private ShellCommand command = new();
    private string? redirect;
    private int at;
    private int commandStart;
    private int pipelineStart;
    private int count;

    /// <summary>Whether a quote, bracket or here-document is not closed, or there is more than the limits allow.</summary>
    public bool IsBroken { get; private set; }

    public IReadOnlyList<ShellPipeline> Parse()
    {
        while (at < text.Length && count < MaxCommands)
        {
            char c = text[at];
            switch (c)
            {
                case '\n':
                    EndPipeline();
                    at++;
                    Bodies();
                    pipelineStart = commandStart = at;
                    break;
                case ' ' or '\t' or '\r':
                    EndWord();
                    at++;
                    break;
                case '#' when !word.IsOpen:
                    while (at < text.Length && text[at] != '\n')
                    {
                        at++;
                    }

                    break;
                case ';' or '&' or '|' or '(' or ')' when !IsFileOperator():
                    Operator(c);
                    break;
                case '<' or '>' or '&':
                    Redirect();
                    break;
                default:
                    Character(c);
                    break;
            }
        }

        EndPipeline();
        IsBroken |= count >= MaxCommands || waiting.Count > 0;
        return pipelines;
    }

    private bool IsFileOperator() => text[at] == '&' && Peek(1) == '>';

    private char Peek(int offset) => at + offset < text.Length ? text[at + offset] : '\0';

    private void Operator(char c)
    {
        if (c == '(' && Peek(1) == '(' && !word.IsOpen && command.IsEmpty)
        {
            Skip("))");
            return;
        }

        bool pipe = c == '|' && Peek(1) != '|';
        if (pipe)
        {
            EndCommand();
            at += Peek(1) == '&' ? 2 : 1;
        }
        else
        {
            EndPipeline();
            at += c is '&' or '|' or ';' && Peek(1) == c ? 2 : 1;
            pipelineStart = at;
        }

        commandStart = at;
    }

    private void Redirect()
    {
        if (text[at] is '<' or '>' && Peek(1) == '(')
        {
            at += 2;
            word.Script(Balanced('(', ')'), "<()");
            return;
        }

        // A number before it is the descriptor, and part of the operator.
        if (word.IsOpen && !word.IsQuoted && word.Text.All(char.IsAsciiDigit))
        {
            word.Take();
        }

        EndWord();
        string op = "";
        foreach (string candidate in (string[])["<<<", "<<-", "&>>", "<<", ">>", "<&", ">&", "<>", ">|", "&>", "<", ">"])
        {
            if (string.CompareOrdinal(text, at, candidate, 0, candidate.Length) == 0)
            {
                op = candidate;
                break;
            }
        }

        at += op.Length;
        redirect = op;
    }

    private void Character(char c)
    {
        switch (c)
        {
            case '\\':
                if (Peek(1) == '\n')
                {
                    at += 2;
                    break;
                }

                if (at + 1 < text.Length)
                {
                    word.Quoted();
                    word.Add(text[at + 1]);
                }

                at += 2;
                break;
            case '\'':
                word.Quoted();
                int end = text.IndexOf('\'', at + 1);
                IsBroken |= end < 0;
                end = end < 0 ? text.Length : end;
                word.Add(text[(at + 1)..end]);
                at = end + 1;
                break;
            case '"':
                at++;
                DoubleQuoted();
                break;
            case '`':
                at++;
                Backticks();
                break;
            case '$':
                Dollar(quoted: false);
                break;
            default:
                word.Add(c);
                at++;
                break;
        }
    }

    private void DoubleQuoted()
    {
        word.Quoted();
        while (at < text.Length && text[at] != '"')
        {
            switch (text[at])
            {
                case '\\' when Peek(1) is '"' or '\\' or '$' or '`':
                    word.Add(text[at + 1]);
                    at += 2;
                    break;
                case '\\' when Peek(1) == '\n':
                    at += 2;
                    break;
                case '`':
                    at++;
                    Backticks();
                    break;
                case '$':
                    Dollar(quoted: true);
                    break;
                default:
                    word.Add(text[at++]);
                    break;
            }
        }

        IsBroken |= at >= text.Length;
        at++;
    }

    private void Backticks()
    {
        var script = new System.Text.StringBuilder();
        while (at < text.Length && text[at] != '`')
        {
            at += text[at] == '\\' && Peek(1) is '`' or '\\' or '$' ? 1 : 0;
            script.Append(at < text.Length ? text[at] : ' ');
            at++;
        }

        IsBroken |= at >= text.Length;
        at++;
        word.Script(script.ToString(), "$()");
    }

    /// <summary><c>$</c> and what follows it.</summary>
    private void Dollar(bool quoted)
    {
        char next = Peek(1);
        if (next == '(' && Peek(2) == '(')
        {
            at++;
            Skip("))");
            word.Unknown("0", computed: false);
        }
        else if (next == '(')
        {
            at += 2;
            word.Script(Balanced('(', ')'), "$()");
        }
        else if (next == '{')
        {
            at += 2;
            Braced(Balanced('{', '}'), quoted);
        }
        else if (next == '\'' && !quoted)
        {
            at += 2;
            word.Quoted();
            at = AnsiQuote.Read(text, at, word);
            IsBroken |= at > text.Length;
        }
        else if (next == '"' && !quoted)
        {
            at += 2;
            DoubleQuoted();
        }
        else if (char.IsAsciiLetter(next) || next == '_')
        {
            int end = at + 1;
            while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] == '_'))
            {
                end++;
            }

            string name = text[(at + 1)..end];
            at = end;
            Variable(name, "$" + name, quoted);
        }
        else if (next is '@' or '*' or '#' or '?' or '!' or '-' or '$' || char.IsAsciiDigit(next))
        {
            at += 2;
            word.Unknown("$" + next, computed: false);
        }
        else
        {
            word.Add('$');
            at++;
        }
    }

    /// <summary><c>${…}</c>: a name alone, or with <c>:-default</c>; anything else cannot be known.</summary>
    private void Braced(string content, bool quoted)
    {
        int length = content.TakeWhile(c => char.IsAsciiLetterOrDigit(c) || c == '_').Count();
        string name = content[..length];
        string rest = content[length..];
        foreach (string script in Scripts(rest))
        {
            word.Script(script, "");
        }

        if (rest.Length == 0 && length > 0)
        {
            Variable(name, "${" + name + "}", quoted);
        }
        else if (rest.TrimStart(':') is ['-' or '=' or '?', ..] && variables.TryGet(name, out string? known) && known is { Length: > 0 })
        {
            Insert(known, quoted);
        }
        else if (rest.TrimStart(':') is ['-' or '=', .. var fallback] && !variables.TryGet(name, out _) && !fallback.AsSpan().ContainsAny("$`"))
        {
            Insert(fallback.Trim('"', '\''), quoted);
        }
        else
        {
            word.Unknown("${" + content + "}", variables.TryGet(name, out _));
        }
    }

    private static IEnumerable<string> Scripts(string rest)
    {
        if (!rest.AsSpan().ContainsAny("$`"))
        {
            return [];
        }

        return new ShellParser("echo \"" + rest.Replace("\"", "", StringComparison.Ordinal) + "\"").Parse().SelectMany(p => p.Commands).SelectMany(c => c.Words).SelectMany(w => w.Inner);
    }

    private void Variable(string name, string written, bool quoted)
    {
        if (!variables.TryGet(name, out string? value))
        {
            word.Unknown(written, computed: false);
        }
        else if (value is null)
        {
            word.Unknown(written, computed: true);
        }
        else
        {
            Insert(value, quoted);
        }
    }

    /// <summary>Inserts a variable's value; unquoted it is split at spaces.</summary>
    private void Insert(string value, bool quoted)
    {
        if (quoted)
        {
            word.Add(value);
            return;
        }

        foreach (char c in value)
        {
            if (char.IsWhiteSpace(c))
            {
                EndWord();
            }
            else
            {
                word.Add(c);
            }
        }
    }

    /// <summary>The text up to the matching bracket, quotes respected; the position is then behind it.</summary>
    private string Balanced(char open, char close)
    {
        int start = at;
        int depth = 1;
        while (at < text.Length)
        {
            char c = text[at];
            if (c == '\\')
            {
                at++;
            }
            else if (c == '\'')
            {
                int end = text.IndexOf('\'', at + 1);
                at = end < 0 ? text.Length : end;
            }
            else if (c == '"')
            {
                SkipDoubleQuoted();
            }
            else if (c == open)
            {
                depth++;
            }
            else if (c == close && --depth == 0)
            {
                return text[start..at++];
            }

            at++;
        }

        at = Math.Min(at, text.Length);
        IsBroken = true;
        return text[start..];
    }

    private void SkipDoubleQuoted()
    {
        for (at++; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\')
            {
                at++;
            }
            else if (text[at] == '$' && Peek(1) == '(')
            {
                at += 2;
                Balanced('(', ')');
                at--;
            }
        }
    }

    private void Skip(string end)
    {
        int found = text.IndexOf(end, at, StringComparison.Ordinal);
        IsBroken |= found < 0;
        at = found < 0 ? text.Length : found + end.Length;
    }

    private void EndWord()
    {
        if (!word.IsOpen)
        {
            return;
        }

        string written = word.Text;
        ShellWord done = word.Take();
        if (redirect is { } op)
        {
            redirect = null;
            var redirected = new ShellRedirect(op, done);
            command.Redirects.Add(redirected);
            if (op is "<<" or "<<-")
            {
                waiting.Add(redirected);
            }

            return;
        }

        if (command.Words.Count == 0)
        {
            if (!done.IsQuoted && Openers.Contains(written))
            {
                commandStart = at;
                return;
            }

            if (Assignment(done) is { } assignment)
            {
                command.Assignments.Add(assignment);
                variables.Set(assignment.Key, assignment.Value);
                return;
            }

            if (written is "[[" && !done.IsQuoted)
            {
                Skip("]]");
                command.Words.Add(done);
                return;
            }
        }
        else if (command.Words[0].Text is "export" or "declare" or "local" or "readonly" or "typeset" && Assignment(done) is { } exported)
        {
            variables.Set(exported.Key, exported.Value);
        }

        if (!done.IsQuoted && BraceExpansion.Expand(done) is { } several)
        {
            command.Words.AddRange(several);
            return;
        }

        command.Words.Add(done);
    }

    /// <summary><c>NAME=value</c>, <c>NAME+=value</c>; null when it is none.</summary>
    private static KeyValuePair<string, ShellWord>? Assignment(ShellWord word)
    {
        int equals = word.Text.IndexOf('=');
        if (equals <= 0)
        {
            return null;
        }

        string name = word.Text[..equals].TrimEnd('+');
        bool isName = name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
        return isName ? KeyValuePair.Create(name, word with { Text = word.Text[(equals + 1)..] }) : null;
    }

    private void EndCommand()
    {
        EndWord();
        redirect = null;
        if (command.IsEmpty)
        {
            return;
        }

        command.Source = text[Math.Min(commandStart, text.Length)..Math.Min(at, text.Length)].Trim();
        stages.Add(command);
        command = new ShellCommand();
        count++;
    }

    private void EndPipeline()
    {
        EndCommand();
        if (stages.Count > 0)
        {
            pipelines.Add(new ShellPipeline([.. stages], text[Math.Min(pipelineStart, text.Length)..Math.Min(at, text.Length)].Trim()));
            stages.Clear();
        }
    }

    /// <summary>Reads the here-documents that the line before asked for.</summary>
    private void Bodies()
    {
        foreach (ShellRedirect document in waiting.ToArray())
        {
            int start = at;
            while (at < text.Length)
            {
                int end = text.IndexOf('\n', at);
                end = end < 0 ? text.Length : end;
                string line = text[at..end].TrimEnd('\r');
                int lineStart = at;
                at = Math.Min(end + 1, text.Length);
                if ((document.Operator == "<<-" ? line.TrimStart('\t') : line) == document.Target.Text)
                {
                    document.Body = text[start..lineStart];
                    waiting.Remove(document);
                    break;
                }

                if (end == text.Length)
                {
                    break;
                }
            }

            if (document.Body is null)
            {
                document.Body = text[start..];
                at = text.Length;
                IsBroken = true;
                waiting.Remove(document);
            }
        }
    }
}
