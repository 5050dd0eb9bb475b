namespace Muniment.Policy.Commands.Rules;

/// <summary>Judges one program with its arguments: the first group of rules that knows it decides.</summary>
internal static class ProgramRules
{
    public static RiskFinding Judge(Invocation i, ScriptJudge judge, int depth) =>
        InterpreterRules.Judge(i, judge, depth)
        ?? WatcherRules.Judge(i)
        ?? FileRules.Judge(i)
        ?? GitRules.Judge(i)
        ?? PackageRules.Judge(i)
        ?? NetworkRules.Judge(i, judge)
        ?? CloudRules.Judge(i, judge, depth)
        ?? SystemRules.Judge(i)
        ?? ProgramTable.Verb(i)
        ?? ProgramTable.Plain(i)
        ?? Script(i, judge);

    private static RiskFinding Script(Invocation i, ScriptJudge judge)
    {
        string program = i.Words[0].Text;
        if (judge.Fetched.Contains(PathRules.Normalise(program)))
        {
            return i.Is(RiskLevel.Critical, "download-and-run");
        }

        return program.Contains('/', StringComparison.Ordinal) ? i.Is(RiskLevel.Medium, "runs-script") : i.Is(RiskLevel.Medium, "unknown-program");
    }
}
