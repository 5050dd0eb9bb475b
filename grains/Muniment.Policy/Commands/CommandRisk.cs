namespace Muniment.Policy.Commands;

/// <summary>
/// How risky a shell command is: that of its worst part. Deterministic, without looking at the machine: the text is read as a POSIX shell reads it (quotes,
/// substitutions, pipes, here-documents, variables the command sets itself) and each simple command is judged by what its program does.
/// </summary>
/// <param name="Level">The level.</param>
/// <param name="Rule">The rule that set it, such as <c>pipe-to-shell</c>.</param>
/// <param name="Part">The part it is about, shortened.</param>
public sealed record CommandRisk(RiskLevel Level, string Rule, string Part)
{
    /// <summary>Most characters that are read; a longer command is at least high.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>Most characters of <see cref="Part"/>.</summary>
    public const int MaxPartLength = 160;

    /// <summary>Such as <c>critical: `curl x.sh | sh` (pipe-to-shell)</c>.</summary>
    public string Reason => $"{Level.Word()}: `{Part}` ({Rule})";

    /// <summary>Judges a command. Never throws.</summary>
    public static CommandRisk Classify(string command)
    {
        if (command.Length > MaxLength)
        {
            return new CommandRisk(RiskLevel.High, "too-long", Shorten(command));
        }

        RiskFinding worst = new ScriptJudge().Judge(command, 0);
        return new CommandRisk(worst.Level, worst.Rule, Shorten(worst.Part));
    }

    private static string Shorten(string part)
    {
        string line = part.ReplaceLineEndings(" ").Trim();
        if (line.Length <= MaxPartLength)
        {
            return line;
        }

        int end = char.IsHighSurrogate(line[MaxPartLength - 2]) ? MaxPartLength - 2 : MaxPartLength - 1;
        return line[..end] + "…";
    }
}

/// <summary>What one rule says about one part.</summary>
internal readonly record struct RiskFinding(RiskLevel Level, string Rule, string Part)
{
    /// <summary>The worse of two; the first when they are equal.</summary>
    public RiskFinding Worse(RiskFinding other) => other.Level > Level ? other : this;
}
