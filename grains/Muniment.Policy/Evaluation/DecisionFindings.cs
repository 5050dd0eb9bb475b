using System.Collections.Immutable;
using Muniment.Policy.Documents;
using Muniment.Policy.Predicates.Matching;

namespace Muniment.Policy.Evaluation;

/// <summary>What every policy that covers a caller found; weighed once without and once with what detectors found.</summary>
internal sealed record DecisionFindings(DecisionRequest Request, DecisionSubject Subject, PolicyFindings[] Policies)
{
    /// <summary>Weighs the findings. <paramref name="detected"/> is null while detectors have not run.</summary>
    public Verdict Compose(Func<DetectorReference, DetectorFinding>? detected)
    {
        var weighed = new VerdictWeights(Request);
        var evaluated = ImmutableArray.CreateBuilder<PolicyOutcome>(Policies.Length);
        ImmutableArray<PendingDetection>.Builder? pending = null;
        List<CoveringLimit>? limits = null;
        foreach (PolicyFindings policy in Policies)
        {
            evaluated.Add(Weigh(policy, weighed, detected, ref pending));
            if (DecisionActions.IsRequest(Request.Action) && policy.Policy.Document.Limits.Length > 0)
            {
                policy.Policy.AddLimits(Request, limits ??= []);
            }
        }

        return weighed.Verdict(this, evaluated.MoveToImmutable(), pending?.ToImmutable() ?? [], limits is null ? [] : [.. limits]);
    }

    private PolicyOutcome Weigh(PolicyFindings policy, VerdictWeights weights, Func<DetectorReference, DetectorFinding>? detected, ref ImmutableArray<PendingDetection>.Builder? pending)
    {
        PolicyDocument document = policy.Policy.Document;
        bool acts = document.Mode == PolicyMode.Enforce;
        var weight = new PolicyWeight(policy.Policy);
        foreach (RuleFinding finding in policy.Rules)
        {
            PolicyRule rule = finding.Rule.Rule;
            if (Request.Action == DecisionActions.EventIngest && rule.Then is PolicyEffect.Deny or PolicyEffect.Ask)
            {
                continue;
            }

            Truth truth = finding.When;
            if (truth == Truth.Unknown && Request.Action == DecisionActions.EventIngest && rule is { Then: PolicyEffect.Redact, Fail: FailMode.Closed, Detect.Length: > 0 })
            {
                // Closed would be a denial, which means nothing for what has happened: what might be meant is redacted.
                truth = Truth.True;
            }

            string? failure = truth == Truth.Unknown ? "what its condition names cannot be read" : null;
            if (truth == Truth.True && rule.Detect.Length > 0)
            {
                (truth, failure) = Detected(rule, detected);
                if (detected is null && truth == Truth.Unknown)
                {
                    (pending ??= ImmutableArray.CreateBuilder<PendingDetection>()).Add(new PendingDetection(finding.Rule.Reference, document.Mode, rule.Then, rule.Detect, rule.Fail is FailMode.Closed));
                    continue;
                }
            }

            weight.Add(finding.Rule, truth == Truth.True, failure, acts, weights);
        }

        return weight.Finish(Request, acts, weights);
    }

    /// <summary>Whether a rule's detectors found something. Unknown without a failure: they have not run.</summary>
    private (Truth Truth, string? Failure) Detected(PolicyRule rule, Func<DetectorReference, DetectorFinding>? detected)
    {
        if (detected is null)
        {
            // A request without texts has nothing to find; an answer's texts are still to come.
            return Request.Texts.IsEmpty && Request.Action != DecisionActions.ModelRespond ? (Truth.False, null) : (Truth.Unknown, null);
        }

        bool found = false;
        string? failure = null;
        foreach (DetectorReference detector in rule.Detect)
        {
            DetectorFinding finding = detected(detector);
            found |= finding.Count > 0;
            failure ??= finding.Failure is { } why ? $"detector {detector.Name}: {why}" : null;
        }

        return (found ? Truth.True : failure is null ? Truth.False : Truth.Unknown, failure);
    }
}
