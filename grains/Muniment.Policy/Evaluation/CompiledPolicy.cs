using System.Collections.Frozen;
using Muniment.Policy.Documents;

namespace Muniment.Policy.Evaluation;

/// <summary>A policy in force with its rules sorted by action beforehand.</summary>
internal sealed class CompiledPolicy
{
    private readonly FrozenDictionary<string, CompiledRule[]> byAction;
    private readonly CompiledRule[] rules;
    private readonly CompiledLimit[] limits;

    public CompiledPolicy(PublishedPolicy source)
    {
        Source = source;
        rules = [.. source.Document.Rules.Select(r => new CompiledRule(r, Reference(r.Id)))];
        limits = [.. source.Document.Limits.Select(l => new CompiledLimit(l, Reference(l.Id)))];
        byAction = DecisionActions.All.ToFrozenDictionary(a => a, Choose, StringComparer.Ordinal);
        Default = Reference(PolicyReference.DefaultRule);
        Uncovered = Reference(PolicyReference.UncoveredRule);
    }

    public PublishedPolicy Source { get; }

    public PolicyDocument Document => Source.Document;

    public PolicyReference Default { get; }

    public PolicyReference Uncovered { get; }

    /// <summary>The rules that are about an action, in the document's order.</summary>
    public CompiledRule[] RulesOf(string action) => byAction.TryGetValue(action, out CompiledRule[]? known) ? known : Choose(action);

    /// <summary>The rules about an action that look at texts and would not let everything pass, without those that are about another one, which is asked anyway.</summary>
    public CompiledRule[] TextRulesOf(string action, string asked) => [.. RulesOf(action).Where(rule => rule.LooksAtTexts && rule.Rule.Then is not PolicyEffect.Allow && !rule.On.Matches(asked))];

    /// <summary>Adds the limits that cover a request.</summary>
    public void AddLimits(DecisionRequest request, List<CoveringLimit> covering)
    {
        foreach (CompiledLimit limit in limits)
        {
            if (limit.Covers(request.Action))
            {
                covering.Add(new CoveringLimit(limit.Reference, limit.Limit, LimitSubjects.Of(limit.Limit.Per, request.Caller), Document.Mode));
            }
        }
    }

    private CompiledRule[] Choose(string action) => [.. rules.Where(r => r.On.Matches(action))];

    private PolicyReference Reference(string rule) => new(Source.Name, Source.Version, rule, Document.Digest);
}

/// <summary>A rule with its actions compiled; its condition was compiled by the parser.</summary>
internal sealed record CompiledRule(PolicyRule Rule, PolicyReference Reference)
{
    public ActionPattern On { get; } = new(Rule.On);

    /// <summary>Whether it has detectors, or a condition on the texts.</summary>
    public bool LooksAtTexts => Rule.Detect.Length > 0 || Rule.When is { } when && (when.SearchesAll || when.Fields.Contains("content"));
}

/// <summary>A limit with its actions compiled.</summary>
internal sealed record CompiledLimit(PolicyLimit Limit, PolicyReference Reference)
{
    private readonly ActionPattern on = new(Limit.On);

    public bool Covers(string action) => DecisionActions.IsRequest(action)
        && on.Matches(action)
        && (Limit.On.Length > 0 || Limit.Unit == LimitUnit.Calls || action == DecisionActions.ModelInvoke);
}
