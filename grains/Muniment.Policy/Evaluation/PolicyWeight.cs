using System.Collections.Immutable;
using Muniment.Policy.Documents;

namespace Muniment.Policy.Evaluation;

/// <summary>Weighs the rules of one policy. One use, one thread.</summary>
internal struct PolicyWeight(CompiledPolicy policy)
{
    private ImmutableArray<string>.Builder? matched;
    private ImmutableArray<string>.Builder? failed;
    private PolicyEffect effect;
    private bool isDecided;
    private bool failedClosed;
    private bool notCovered;

    /// <summary>A rule that matched, or failed, or both (its detectors found something and one of them did not finish).</summary>
    public void Add(CompiledRule rule, bool matches, string? failure, bool acts, VerdictWeights weights)
    {
        if (matches)
        {
            (matched ??= ImmutableArray.CreateBuilder<string>()).Add(rule.Rule.Id);
            Raise(rule.Rule.Then);

            // Only these say whether a request may pass; a change or a replacement says how, and does not lift a default of deny.
            isDecided |= rule.Rule.Then is PolicyEffect.Allow or PolicyEffect.Ask or PolicyEffect.Deny;
            if (acts)
            {
                weights.Matched(rule);
            }
        }

        if (failure is null)
        {
            return;
        }

        (failed ??= ImmutableArray.CreateBuilder<string>()).Add(rule.Rule.Id);
        if (rule.Rule.Fail == FailMode.Closed)
        {
            failedClosed = true;
            isDecided = true;
            Raise(PolicyEffect.Deny);
        }

        if (acts)
        {
            weights.Failed(rule, failure);
        }
    }

    /// <summary>Adds default, uncovered and settings, and reports.</summary>
    public PolicyOutcome Finish(DecisionRequest request, bool acts, VerdictWeights weights)
    {
        PolicyDocument document = policy.Document;
        if (document.Uncovered == UncoveredMode.Deny && request.Action != DecisionActions.EventIngest && (request.IsUnknownPath || !request.Uncovered.IsEmpty))
        {
            notCovered = true;
            Raise(PolicyEffect.Deny);
        }

        if (!isDecided && DecisionActions.IsRequest(request.Action))
        {
            Raise(document.Default ?? PolicyEffect.Allow);
        }

        if (acts)
        {
            weights.Add(policy, isDecided, notCovered);
        }

        return new PolicyOutcome(policy.Source.Name, policy.Source.Version, document.Mode, effect,
            matched?.ToImmutable() ?? [], failed?.ToImmutable() ?? [], Outcome(acts));
    }

    private void Raise(PolicyEffect to) => effect = to > effect ? to : effect;

    private readonly string Outcome(bool acts)
    {
        if (!acts)
        {
            return matched is null && failed is null && effect == PolicyEffect.Allow ? "not_matched" : effect switch
            {
                PolicyEffect.Allow => "shadow_would_allow",
                PolicyEffect.Modify => "shadow_would_modify",
                PolicyEffect.Redact => "shadow_would_redact",
                PolicyEffect.Ask => "shadow_would_ask",
                _ => "shadow_would_deny",
            };
        }

        return failedClosed ? "fail_closed" : notCovered ? "not_covered" : failed is not null ? "fail_open" : matched is null ? "not_matched" : "matched";
    }
}
