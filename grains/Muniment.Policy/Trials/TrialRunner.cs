using System.Collections.Immutable;
using Muniment.Policy.Detectors;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Redaction;

namespace Muniment.Policy.Trials;

/// <summary>Runs cases against policies with the real detectors. Limits have room: what is left of a budget is no property of a policy.</summary>
public static class TrialRunner
{
    /// <summary>Runs one case.</summary>
    public static TrialOutcome Run(PolicySet policies, PolicyTrial trial)
    {
        DecisionRequest request = trial.Request;
        Verdict verdict = policies.Decide(request);
        string content = string.Join('\n', Contents(request).Select(t => t.Text));
        if (verdict.IsPending)
        {
            ImmutableArray<DetectorReference> redactWith = verdict.RedactWith;
            verdict = verdict.Complete(detector => Find(detector, request));
            if (DetectorReferences.TryCompile(redactWith, out _) is { } set && verdict.Effect < PolicyEffect.Ask)
            {
                var redactor = new TextRedactor(set);
                content = string.Join('\n', Contents(request).Select(t => redactor.Redact(t.Text).Text));
            }
        }

        return new TrialOutcome(trial, verdict, content, Compare(trial.Expected, verdict, content));
    }

    private static IEnumerable<InspectedText> Contents(DecisionRequest request) => request.Texts.Where(t => t.Pointer.StartsWith("/content", StringComparison.Ordinal));

    private static DetectorFinding Find(DetectorReference detector, DecisionRequest request)
    {
        if (DetectorReferences.TryCompile([detector], out DetectorError? error) is not { } set)
        {
            return new DetectorFinding(0, "expected " + error!.Expected);
        }

        int count = 0;
        string? failure = null;
        var redactor = new TextRedactor(set);
        foreach (InspectedText text in request.Texts)
        {
            RedactionResult result = redactor.Redact(text.Text);
            DetectorFinding finding = DetectorReferences.Finding(detector, result.Counts, result.Failed);
            count += finding.Count;
            failure ??= finding.Failure;
        }

        return new DetectorFinding(count, failure);
    }

    private static ImmutableArray<string> Compare(TrialExpectation expected, Verdict verdict, string content)
    {
        var problems = ImmutableArray.CreateBuilder<string>();
        void Check(string name, string? wanted, string? found)
        {
            if (wanted is not null && wanted != found)
            {
                problems.Add($"expected {name} {wanted}, found {found ?? "none"}");
            }
        }

        Check("result", expected.Result, verdict.Effect.Word());
        Check("rule", expected.Rule, expected.Rule?.Contains('/', StringComparison.Ordinal) == true ? $"{verdict.Policy.Id}/{verdict.Policy.Rule}" : verdict.Policy.Rule);
        Check("policy", expected.Policy, verdict.Policy.Id);
        Check("risk", expected.Risk, verdict.Risk);
        Check("outcome", expected.Outcome, verdict.Outcome.Word());
        Check("content", expected.Content, content);
        Check("model", expected.Model, verdict.Changes.Model);
        Check("upstream", expected.Upstream, verdict.Changes.Upstream);
        if (expected.MaxTokens is { } tokens && tokens != verdict.Changes.MaxTokens)
        {
            problems.Add($"expected max_tokens {tokens}, found {verdict.Changes.MaxTokens?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"}");
        }

        if (expected.Reason is { } reason && verdict.Reason?.Contains(reason, StringComparison.Ordinal) != true)
        {
            problems.Add($"expected a reason with '{reason}', found {(verdict.Reason is null ? "none" : $"'{verdict.Reason}'")}");
        }

        foreach ((string policy, string result) in expected.Shadow)
        {
            Check($"shadow {policy}", result, verdict.Evaluated.FirstOrDefault(e => e.Mode == PolicyMode.Shadow && e.Id == policy)?.Effect.Word());
        }

        return problems.ToImmutable();
    }
}
