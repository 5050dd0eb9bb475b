using System.Collections.Immutable;
using Muniment.Policy.Documents;

namespace Muniment.Policy.Evaluation;

/// <summary>Weighs the policies that act against each other: keeps the first of the strictest. One use, one thread.</summary>
internal sealed class VerdictWeights(DecisionRequest request)
{
    private PolicyEffect effect;
    private PolicyReference? named;
    private string? reason;
    private VerdictOutcome outcome;
    private bool failedOpen;
    private PolicyEffect fallback;
    private CompiledPolicy? fallbackPolicy;
    private CompiledPolicy? first;
    private CompiledPolicy? uncovered;
    private PolicyChanges changes = PolicyChanges.None;
    private UncoveredMode? uncoveredMode;
    private ReasoningMode? reasoning;
    private EvidenceMode? evidence;

    /// <summary>A rule of a policy that acts matched.</summary>
    public void Matched(CompiledRule rule)
    {
        changes = changes.And(rule.Rule.Set);
        PolicyEffect then = rule.Rule.Then == PolicyEffect.Ask && request.IsApproved ? PolicyEffect.Allow : rule.Rule.Then;
        Consider(then, rule.Reference, rule.Rule.Reason, VerdictOutcome.Enforced);
    }

    /// <summary>A rule of a policy that acts could not be evaluated.</summary>
    public void Failed(CompiledRule rule, string failure)
    {
        if (rule.Rule.Fail == FailMode.Closed)
        {
            Consider(PolicyEffect.Deny, rule.Reference, $"rule {rule.Rule.Id} could not be evaluated: {failure}", VerdictOutcome.FailClosed);
        }
        else
        {
            failedOpen = true;
        }
    }

    /// <summary>The rest of a policy that acts.</summary>
    public void Add(CompiledPolicy policy, bool isDecided, bool notCovered)
    {
        PolicyDocument document = policy.Document;
        first ??= policy;
        PolicyEffect its = isDecided || !DecisionActions.IsRequest(request.Action) ? PolicyEffect.Allow : document.Default ?? PolicyEffect.Allow;
        its = its == PolicyEffect.Ask && request.IsApproved ? PolicyEffect.Allow : its;
        if (fallbackPolicy is null || its > fallback)
        {
            (fallback, fallbackPolicy) = (its, policy);
        }

        uncovered ??= notCovered ? policy : null;
        uncoveredMode = document.Uncovered > uncoveredMode || uncoveredMode is null ? document.Uncovered ?? uncoveredMode : uncoveredMode;
        reasoning = document.Reasoning > reasoning || reasoning is null ? document.Reasoning ?? reasoning : reasoning;
        evidence = document.Evidence > evidence || evidence is null ? document.Evidence ?? evidence : evidence;
    }

    /// <summary>The verdict.</summary>
    public Verdict Verdict(DecisionFindings findings, ImmutableArray<PolicyOutcome> evaluated, ImmutableArray<PendingDetection> pending, ImmutableArray<CoveringLimit> limits)
    {
        // After the rules, so that at the same strictness a rule is named before a default.
        if (fallbackPolicy is not null && (named is null || fallback > effect))
        {
            Consider(fallback, fallbackPolicy.Default, fallback == PolicyEffect.Allow ? null : "no rule matched", VerdictOutcome.Enforced);
        }

        bool unknownPath = request.IsUnknownPath && uncoveredMode != UncoveredMode.Allow;
        if (uncovered is not null || unknownPath)
        {
            PolicyReference reference = (uncovered ?? first)?.Uncovered ?? PolicyReference.None with { Rule = PolicyReference.UncoveredRule };
            Consider(PolicyEffect.Deny, reference, request.IsUnknownPath ? "this path cannot be inspected" : "parts of it cannot be inspected", VerdictOutcome.NotCovered);
        }

        return new Verdict(findings)
        {
            Effect = effect,
            Policy = named ?? PolicyReference.None,
            Reason = reason,
            Outcome = outcome == VerdictOutcome.Enforced && failedOpen ? VerdictOutcome.FailOpen : outcome,
            Risk = findings.Subject.Risk,
            RiskReason = findings.Subject.RiskReason,
            Changes = changes,
            Detections = pending,
            Limits = limits,
            Settings = uncoveredMode is null && reasoning is null && evidence is null
                ? PolicySettings.Usual
                : new PolicySettings(uncoveredMode, reasoning ?? ReasoningMode.Drop, evidence ?? EvidenceMode.None),
            Evaluated = evaluated,
        };
    }

    private void Consider(PolicyEffect candidate, PolicyReference reference, string? why, VerdictOutcome how)
    {
        if (named is null || candidate > effect)
        {
            (effect, named, reason, outcome) = (candidate, reference, why, how);
        }
    }
}
