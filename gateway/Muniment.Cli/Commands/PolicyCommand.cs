using System.CommandLine;
using Muniment.Policy.Documents;
using Muniment.Policy.Documents.Locks;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Trials;

namespace Muniment.Cli.Commands;

/// <summary>
/// <c>policy test FILE…</c>: compiles policies and runs their cases, offline. Cases stand in a policy's own <c>tests</c>, in <c>NAME.tests.yaml</c> beside it, or in files given with
/// <c>--cases</c>. Exits 0 when all passed, 1 when a case failed, 2 when a file cannot be read or a policy does not compile.
/// </summary>
internal static class PolicyCommand
{
    private const int MaxFileBytes = 4 * 1024 * 1024;

    public static Command Create()
    {
        var files = new Argument<string[]>("file") { Description = "Policies, YAML or JSON; several are evaluated together, as in force", Arity = ArgumentArity.OneOrMore };
        var cases = new Option<string[]>("--cases") { Description = "Files with cases, beside those in the policies' own tests and in NAME.tests.yaml", AllowMultipleArgumentsPerToken = true };
        var test = new Command("test", "Compile policies and run their cases, without a platform.") { files, cases };
        test.SetAction(parsed => Run(parsed.GetValue(files)!, parsed.GetValue(cases) ?? [], Connection.WantsJson(parsed)));
        return new Command("policy", "Work with policies.") { test };
    }

    private static int Run(string[] files, string[] caseFiles, bool asJson)
    {
        var policies = new List<PublishedPolicy>();
        var trials = new List<PolicyTrial>();
        var errors = new List<FileError>();
        foreach (string file in files)
        {
            string name = NameOf(file);
            ParsedPolicy parsed = PolicyParser.Parse(Read(file));
            errors.AddRange(parsed.Errors.Select(e => new FileError(file, e)));
            if (parsed.Document is { } document)
            {
                if (policies.Exists(p => p.Name == name))
                {
                    throw new UnusableException($"Two policies are named {name}; a policy is named after its file.");
                }

                policies.Add(new PublishedPolicy(name, 1, document));
            }

            if (parsed.Tests is { } tests)
            {
                Add(TrialReader.Read(tests), file, trials, errors);
            }

            string beside = Path.Combine(Path.GetDirectoryName(file) ?? "", name + ".tests.yaml");
            if (File.Exists(beside))
            {
                Add(TrialReader.Read(System.Text.Encoding.UTF8.GetString(Read(beside))), beside, trials, errors);
            }
        }

        foreach (string file in caseFiles)
        {
            Add(TrialReader.Read(System.Text.Encoding.UTF8.GetString(Read(file))), file, trials, errors);
        }

        foreach (PublishedPolicy policy in policies)
        {
            // Each pair once: the later against those before it.
            if (PolicyLocks.Check(policy, policies.TakeWhile(p => p != policy)) is { } conflict)
            {
                errors.Add(new FileError(files[policies.IndexOf(policy)], new PolicyError(0, 0, conflict.Rule, conflict.Message)));
            }
        }

        if (errors.Count > 0)
        {
            Refuse(errors, asJson);
            return ExitCodes.Unusable;
        }

        var set = PolicySet.Build(policies);
        TrialOutcome[] outcomes = [.. trials.Select(t => TrialRunner.Run(set, t))];
        string[] untried = Untried(policies, outcomes);
        if (asJson)
        {
            PolicyTestJson.Write(policies, outcomes, untried);
        }
        else
        {
            Print(policies, outcomes, untried);
        }

        return Array.TrueForAll(outcomes, o => o.IsOk) ? ExitCodes.Ok : ExitCodes.No;
    }

    /// <summary>The file's name without <c>.yaml</c>, <c>.yml</c> or <c>.json</c>.</summary>
    private static string NameOf(string file) => Path.GetExtension(file) is ".yaml" or ".yml" or ".json" ? Path.GetFileNameWithoutExtension(file) : Path.GetFileName(file);

    private static byte[] Read(string file)
    {
        try
        {
            var info = new FileInfo(file);
            return info.Exists && info.Length > MaxFileBytes ? throw new UnusableException($"{file} is larger than {MaxFileBytes} bytes.") : File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnusableException($"Cannot read {file}: {e.Message}");
        }
    }

    private static void Add(ParsedTrials parsed, string file, List<PolicyTrial> trials, List<FileError> errors)
    {
        trials.AddRange(parsed.Trials);
        errors.AddRange(parsed.Errors.Select(e => new FileError(file, e)));
    }

    private static void Refuse(List<FileError> errors, bool asJson)
    {
        if (asJson)
        {
            PolicyTestJson.Write(errors);
            return;
        }

        foreach (FileError error in errors)
        {
            Console.Error.WriteLine($"{error.File}:{error.Error.Line}:{error.Error.Column}: {(error.Error.Field.Length > 0 ? error.Error.Field + ": " : "")}{error.Error.Message}");
        }
    }

    /// <summary>Rules that no case matched.</summary>
    private static string[] Untried(List<PublishedPolicy> policies, TrialOutcome[] outcomes)
    {
        HashSet<(string, string)> tried = [.. outcomes.SelectMany(o => o.Verdict.Evaluated).SelectMany(e => e.Rules.Concat(e.Failed).Select(r => (e.Id, r)))];
        return [.. policies.SelectMany(p => p.Document.Rules.Where(r => !tried.Contains((p.Name, r.Id))).Select(r => $"{p.Name}/{r.Id}"))];
    }

    private static void Print(List<PublishedPolicy> policies, TrialOutcome[] outcomes, string[] untried)
    {
        foreach (PublishedPolicy policy in policies)
        {
            Console.WriteLine($"policy {policy.Name}: {policy.Document.Scope}, {policy.Document.Mode.ToString().ToLowerInvariant()}, {policy.Document.Rules.Length} rules, {policy.Document.Limits.Length} limits, {policy.Document.Digest}");
        }

        foreach (TrialOutcome outcome in outcomes)
        {
            Console.WriteLine($"{(outcome.IsOk ? "ok  " : "FAIL")} {outcome.Trial.Name} (line {outcome.Trial.Line})");
            foreach (string problem in outcome.Problems)
            {
                Console.WriteLine($"       {problem}");
            }

            if (!outcome.IsOk)
            {
                Console.WriteLine($"       the verdict is {outcome.Verdict.Effect.Word()} by {outcome.Verdict.Policy.Id}/{outcome.Verdict.Policy.Rule}{(outcome.Verdict.Reason is { } reason ? ": " + reason : "")}");
            }
        }

        if (outcomes.Length > 0 && untried.Length > 0)
        {
            Console.WriteLine($"no case matched {string.Join(", ", untried)}");
        }

        Console.WriteLine(outcomes.Length == 0 ? "compiles; there are no cases" : $"{outcomes.Count(o => o.IsOk)} passed, {outcomes.Count(o => !o.IsOk)} failed");
    }
}

/// <summary>An error and its file.</summary>
internal sealed record FileError(string File, PolicyError Error);
