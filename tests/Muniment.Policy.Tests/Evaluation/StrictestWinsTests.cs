using System.Text;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Tests.Evaluation;

public sealed class StrictestWinsTests
{
    private static readonly DecisionRequest Call = new() { Action = "model.invoke", Model = "gpt-4o", Caller = new DecisionCaller { KeyId = "k1", User = "j@acme.com", Project = "web" } };

    private static PolicyRule Rule(string id, PolicyEffect then, string when = "{}", params string[] on)
    {
        Assert.True(Predicate.TryCompileJson(Encoding.UTF8.GetBytes(when), "when", out Predicate? predicate, out PredicateError? error), error?.ToString());
        return new PolicyRule { Id = id, Then = then, When = predicate, On = on.Length == 0 ? ["model.invoke"] : [.. on] };
    }

    private static PublishedPolicy Policy(string name, PolicyMode mode, params PolicyRule[] rules) => new(name, 3, new PolicyDocument { Mode = mode, Rules = [.. rules] });

    [Fact]
    public void WithoutPoliciesEverythingIsAllowedButUnknownPaths()
    {
        Assert.Equal(PolicyEffect.Allow, PolicySet.Empty.Decide(Call).Effect);
        Verdict unknown = PolicySet.Empty.Decide(Call with { IsUnknownPath = true });
        Assert.Equal((PolicyEffect.Deny, VerdictOutcome.NotCovered, "uncovered"), (unknown.Effect, unknown.Outcome, unknown.Policy.Rule));
    }

    [Fact]
    public void ADenyBeatsAnAllowAndTheFirstOfTheStrictestIsNamed()
    {
        PolicySet set = PolicySet.Build([
            Policy("b", PolicyMode.Enforce, Rule("second", PolicyEffect.Deny)),
            Policy("a", PolicyMode.Enforce, Rule("ok", PolicyEffect.Allow), Rule("first", PolicyEffect.Deny, """{"model.requested|startswith":"gpt"}""")),
        ]);
        Verdict verdict = set.Decide(Call);
        Assert.Equal((PolicyEffect.Deny, "a", 3, "first"), (verdict.Effect, verdict.Policy.Id, verdict.Policy.Version, verdict.Policy.Rule));
        Assert.Equal(["ok", "first"], verdict.Evaluated[0].Rules.AsEnumerable());
        Assert.Equal("b", set.Decide(Call with { Model = "claude" }).Policy.Id);
    }

    [Fact]
    public void AShadowPolicyIsReportedAndChangesNothing()
    {
        PolicySet set = PolicySet.Build([Policy("live", PolicyMode.Enforce, Rule("ok", PolicyEffect.Allow)), Policy("next", PolicyMode.Shadow, Rule("no", PolicyEffect.Deny))]);
        Verdict verdict = set.Decide(Call);
        Assert.Equal((PolicyEffect.Allow, "live", "ok"), (verdict.Effect, verdict.Policy.Id, verdict.Policy.Rule));
        Assert.Equal(["matched", "shadow_would_deny"], verdict.Evaluated.Select(e => e.Outcome));
    }

    [Fact]
    public void OnlyRulesOfTheActionApply() =>
        Assert.Equal("default", PolicySet.Build([Policy("p", PolicyMode.Enforce, Rule("no", PolicyEffect.Deny, "{}", "tool.*"))]).Decide(Call).Policy.Rule);
}
