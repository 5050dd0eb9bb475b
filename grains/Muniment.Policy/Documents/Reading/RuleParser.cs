using System.Collections.Immutable;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Documents.Reading;

/// <summary>Reads <c>rules</c>.</summary>
internal sealed class RuleParser(ErrorList errors, PolicyParserOptions options, HashSet<string> ids)
{
    private static readonly string[] Keys = ["id", "on", "when", "then", "detect", "fail", "reason", "set"];

    private int regexes;

    public ImmutableArray<PolicyRule> Rules(MapReader document)
    {
        if (document.Find("rules") is not { } node)
        {
            return [];
        }

        if (node.Kind != RuleNodeKind.List || node.Items.Count > PolicyLimits.MaxRules)
        {
            errors.Add(node, $"expected a list of at most {PolicyLimits.MaxRules} rules");
            return [];
        }

        var rules = ImmutableArray.CreateBuilder<PolicyRule>(node.Items.Count);
        foreach (RuleNode item in node.Items)
        {
            if (item.Kind == RuleNodeKind.Map)
            {
                rules.Add(Rule(item));
            }
            else
            {
                errors.Add(item, "expected a rule: a map with id, on, when, then");
            }
        }

        return rules.ToImmutable();
    }

    private PolicyRule Rule(RuleNode node)
    {
        var map = new MapReader(node, errors, Keys);
        FailMode? fail = map.Word("fail", DocumentWords.Fails);
        PolicyEffect? then = map.Word("then", DocumentWords.Effects);
        if (then is null && node.Find("then") is null)
        {
            errors.Add(node, "expected then: allow, deny, modify, redact or ask");
        }

        var rule = new PolicyRule
        {
            Id = map.Id(ids),
            On = ActionList.Read(map, errors),
            When = When(node.Find("when")),
            Then = then ?? PolicyEffect.Deny,
            Detect = Detect(node.Find("detect")),
            Fail = fail ?? FailMode.Closed,
            StatesFail = fail is not null,
            Reason = map.Text("reason", PolicyLimits.MaxReasonLength),
            Set = new ChangesParser(errors).Changes(node.Find("set")),
        };
        if (then is not null)
        {
            Fits(node, rule);
        }

        return rule;
    }

    /// <summary>What goes together in one rule.</summary>
    private void Fits(RuleNode node, PolicyRule rule)
    {
        RuleNode then = node.Find("then")!;
        if (rule.Then == PolicyEffect.Redact && node.Find("detect") is null)
        {
            errors.Add(then, "redact needs detect: what is to be replaced");
        }

        if ((rule.Then == PolicyEffect.Modify) != (node.Find("set") is not null))
        {
            errors.Add(node.Find("set") ?? then, rule.Then == PolicyEffect.Modify ? "modify needs set: what is to be changed" : "set goes with then: modify only");
        }

        var on = new ActionPattern(rule.On);
        if (rule.Then is PolicyEffect.Deny or PolicyEffect.Ask && rule.On.Length > 0 && rule.On.All(a => a == DecisionActions.EventIngest))
        {
            errors.Add(then, "an event has happened and is recorded: expected modify or redact at event.ingest");
        }

        if (!rule.Set.Resource.IsEmpty && !on.Matches(DecisionActions.EventIngest))
        {
            errors.Add(node.Find("set")!, "resource.* is filled in at event.ingest only, which is not among the rule's actions");
        }

        bool ofCalls = rule.Set is { MaxTokens: not null } or { Model: not null } or { Upstream: not null } or { Fallback.IsEmpty: false };
        if ((ofCalls && !on.Matches(DecisionActions.ModelInvoke))
            || (!rule.Set.ToolsRemove.IsEmpty && !on.Matches(DecisionActions.ModelInvoke) && !on.Matches(DecisionActions.McpCall)))
        {
            errors.Add(node.Find("set")!, "max_tokens, model, upstream, fallback and tools_remove change a call on its way: expected model.invoke among the rule's actions");
        }
    }

    private Predicate? When(RuleNode? node)
    {
        if (node is null)
        {
            return null;
        }

        if (!Predicate.TryCompile(node, PredicateOptions.Decisions, out Predicate? predicate, out PredicateError? error))
        {
            errors.Add(error.Line, error.Column, error.Path, error.Message);
            return null;
        }

        regexes += predicate.Regexes;
        if (regexes > PolicyLimits.MaxRegexes)
        {
            errors.Add(node, $"expected at most {PolicyLimits.MaxRegexes} regular expressions in all rules together");
        }

        return predicate;
    }

    private ImmutableArray<DetectorReference> Detect(RuleNode? node)
    {
        if (node is null)
        {
            return [];
        }

        IReadOnlyList<RuleNode> items = node.Kind == RuleNodeKind.List ? node.Items : [node];
        if (items.Count is 0 or > PolicyLimits.MaxListLength)
        {
            errors.Add(node, $"expected a list of 1 to {PolicyLimits.MaxListLength} detectors");
            return [];
        }

        var detectors = ImmutableArray.CreateBuilder<DetectorReference>(items.Count);
        foreach (RuleNode item in items)
        {
            if (Detector(item) is { } detector)
            {
                detectors.Add(detector);
                if (options.CheckDetector(detector) is { } wrong)
                {
                    errors.Add(item, wrong);
                }
            }
        }

        return detectors.ToImmutable();
    }

    private DetectorReference? Detector(RuleNode node)
    {
        if (node.Kind == RuleNodeKind.Text && node.Text.Length is > 0 and <= PolicyLimits.MaxNameLength)
        {
            return new DetectorReference(node.Text);
        }

        if (node.Kind != RuleNodeKind.Map)
        {
            errors.Add(node, "expected the name of a detector, or a map with id and re for one of your own");
            return null;
        }

        var map = new MapReader(node, errors, ["id", "re"]);
        string? id = map.Text("id", PolicyLimits.MaxNameLength);
        string? pattern = map.Text("re", PredicateLimits.MaxRegexLength);
        if (node.Find("id") is null || node.Find("re") is null)
        {
            errors.Add(node, "expected id and re");
        }

        return id is null || pattern is null ? null : new DetectorReference(id, pattern);
    }
}
