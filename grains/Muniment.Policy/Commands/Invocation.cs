using Muniment.Policy.Commands.Shell;

namespace Muniment.Policy.Commands;

/// <summary>A program with its arguments, wrappers such as <c>sudo</c> taken off.</summary>
internal sealed class Invocation
{
    public Invocation(IReadOnlyList<ShellWord> words, ShellCommand command, IReadOnlyList<ShellCommand> upstream, string source)
    {
        Words = words;
        Command = command;
        Upstream = upstream;
        Source = source;
        Name = ProgramName(words[0].Text);
        Arguments = [.. words.Skip(1).Select(w => w.Text)];
    }

    /// <summary>Program and arguments.</summary>
    public IReadOnlyList<ShellWord> Words { get; }

    /// <summary>The command they stand in.</summary>
    public ShellCommand Command { get; }

    /// <summary>The commands whose output it reads, first to last.</summary>
    public IReadOnlyList<ShellCommand> Upstream { get; }

    /// <summary>The text that a finding names.</summary>
    public string Source { get; }

    /// <summary>The program, lower case, without path and <c>.exe</c>.</summary>
    public string Name { get; }

    /// <summary>The arguments' texts.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>First argument that is no option; empty when there is none.</summary>
    public string Verb => Operands.FirstOrDefault() ?? "";

    /// <summary>Arguments that are no options.</summary>
    public IEnumerable<string> Operands => Arguments.Where(a => !a.StartsWith('-') || a.Length == 1);

    public RiskFinding Is(RiskLevel level, string rule) => new(level, rule, Source);

    /// <summary>Whether an option is given: <c>-x</c>, also among others (<c>-axz</c>), or one of the long spellings, also with <c>=value</c>.</summary>
    public bool Has(char letter, params ReadOnlySpan<string> spellings)
    {
        foreach (string argument in Arguments)
        {
            if (argument == "--")
            {
                return false;
            }

            if (letter != '\0' && argument.Length > 1 && argument[0] == '-' && argument[1] != '-' && argument.Contains(letter))
            {
                return true;
            }

            foreach (string spelling in spellings)
            {
                if (argument == spelling || (argument.StartsWith(spelling, StringComparison.Ordinal) && argument.Length > spelling.Length && argument[spelling.Length] == '='))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Value of an option, from the next argument or behind <c>=</c>; null when it is not given.</summary>
    public string? Value(params ReadOnlySpan<string> spellings)
    {
        for (int i = 0; i < Arguments.Count; i++)
        {
            foreach (string spelling in spellings)
            {
                if (Arguments[i] == spelling)
                {
                    return i + 1 < Arguments.Count ? Arguments[i + 1] : "";
                }

                if (Arguments[i].StartsWith(spelling + "=", StringComparison.Ordinal))
                {
                    return Arguments[i][(spelling.Length + 1)..];
                }
            }
        }

        return null;
    }

    public static string ProgramName(string text)
    {
        string name = text[(text.LastIndexOfAny(['/', '\\']) + 1)..].ToLowerInvariant();
        return name.EndsWith(".exe", StringComparison.Ordinal) ? name[..^4] : name;
    }
}
