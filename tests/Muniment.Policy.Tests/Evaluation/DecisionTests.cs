using Muniment.Events.Canonical;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;
using static Muniment.Policy.Tests.Evaluation.Deciding;

namespace Muniment.Policy.Tests.Evaluation;

public sealed class DecisionTests
{
    private const string AllowList = "default: deny\nrules: [{id: list, on: [model.invoke], when: {model.requested|startswith: gpt}, then: allow}, {id: cap, on: [model.*], then: modify, set: {max_tokens: 9}}]";

    [Fact]
    public void OnlyADecidingRuleLiftsADefault()
    {
        PolicySet set = Set(AllowList);
        Assert.Equal("modify p1/cap", set.Decide(Call).Short());
        Assert.Equal("deny p1/default", set.Decide(Call with { Model = "claude" }).Short());
        Assert.Equal("no rule matched", set.Decide(Call with { Model = "claude" }).Reason);
        Assert.Equal("deny p1/default", set.Decide(Tool("Bash")).Short());
    }

    [Fact]
    public void AnotherPolicysRuleDoesNotLiftADefault() => Assert.Equal("deny p1/default", Set(AllowList, "rules: [{id: all, then: allow}]").Decide(Call with { Model = "claude" }).Short());

    [Fact]
    public void DefaultsHoldForRequestsOnly()
    {
        PolicySet set = Set("default: deny");
        Assert.Equal("deny p1/default", set.Decide(Call).Short());
        Assert.Equal("allow p1/default", set.Decide(Call.AsResponse()).Short());
        Assert.Equal("allow p1/default", set.Decide(Call with { Action = "event.ingest" }).Short());
    }

    [Fact]
    public void TheStrictestDefaultHoldsAndOfEqualOnesARuleIsNamed()
    {
        Assert.Equal("deny p2/default", Set("default: allow", "default: deny", "default: ask").Decide(Call).Short());
        Assert.Equal("deny p2/no", Set("default: deny", "rules: [{id: no, then: deny}]").Decide(Call).Short());
        Assert.Equal("allow p2/yes", Set("default: allow", "rules: [{id: yes, then: allow}]").Decide(Call).Short());
    }

    [Theory]
    [InlineData("org", true)]
    [InlineData("project:web", true)]
    [InlineData("project:WEB", true)]
    [InlineData("project:other", false)]
    [InlineData("user:J@acme.com", true)]
    [InlineData("user:k@acme.com", false)]
    public void ScopesCoverCallers(string scope, bool covers) =>
        Assert.Equal(covers ? "deny p1/no" : "allow default/default", Set($"scope: {scope}\nrules: [{{id: no, then: deny}}]").Decide(Call).Short());

    [Fact]
    public void TheOrderIsOrganisationProjectUser()
    {
        PolicySet set = Set("scope: user:j@acme.com\nrules: [{id: u, then: deny}]", "scope: project:web\nrules: [{id: p, then: deny}]", "rules: [{id: o, then: deny}]");
        Verdict verdict = set.Decide(Call);
        Assert.Equal("deny p3/o", verdict.Short());
        Assert.Equal(["p3", "p2", "p1"], verdict.Evaluated.Select(e => e.Id));
    }

    [Theory]
    [InlineData("{id: r, on: [mcp.call], when: {content|contains: falcon}, then: deny}", "deny p1/r")]
    [InlineData("{id: r, on: [mcp.call], when: {content|contains: falcon, tool.name: x}, then: deny}", "allow p1/default")]
    [InlineData("{id: r, on: [mcp.call], then: deny}", "allow p1/default")]
    [InlineData("{id: r, on: [mcp.call], when: {a: {content|contains: dove}, condition: not a}, then: deny}", "allow p1/default")]
    [InlineData("{id: r, on: [tool.call], when: {content|contains: falcon}, then: deny}", "allow p1/default")]
    public void OfAFurtherActionOnlyTheRulesOnTextsAreAsked(string rule, string expected)
    {
        DecisionRequest message = Saying("the falcon") with { Action = "mcp.message", TextAction = "mcp.call" };
        Assert.Equal(expected, Set($"rules: [{rule}]").Decide(message).Short());
    }

    [Fact]
    public void DetectorsOfAFurtherActionRunAndItsAllowancesLiftNothing()
    {
        DecisionRequest message = Saying("the falcon") with { Action = "mcp.message", TextAction = "mcp.call" };
        Verdict verdict = Set("rules: [{id: mail, on: [mcp.call], detect: [email], then: redact}]").Decide(message);
        Assert.True(verdict.IsPending);
        Assert.Equal("email", Assert.Single(verdict.RedactWith).Name);
        Assert.Equal("deny p1/default", Set("default: deny\nrules: [{id: yes, on: [mcp.call], when: {content|contains: falcon}, then: allow}]").Decide(message).Short());
    }

    [Fact]
    public void EveryMatchingChangeApplies()
    {
        PolicyChanges changes = Set(
            "rules: [{id: a, then: modify, set: {max_tokens: 100, model: m1, tools_remove: [x]}}, {id: b, then: modify, set: {max_tokens: 50, model: m2, upstream: u, tools_remove: [y, x]}}]")
            .Decide(Call).Changes;
        Assert.Equal((50L, "m1", "u", "x y"), (changes.MaxTokens, changes.Model, changes.Upstream, string.Join(' ', changes.ToolsRemove)));
    }

    [Fact]
    public void ContentIsAnyInspectedText()
    {
        PolicySet set = Set("rules: [{id: word, when: {content|contains: 'project x'}, then: deny}, {id: key, when: ['launch code'], then: ask}]");
        Assert.Equal("deny p1/word", set.Decide(Saying("hello", "about Project X")).Short());
        Assert.Equal("ask p1/key", set.Decide(Saying("the LAUNCH CODE is")).Short());
        Assert.Equal("allow p1/default", set.Decide(Saying("hello")).Short());
        Assert.Equal("allow p1/default", set.Decide(Call).Short());
    }

    [Fact]
    public void ToolArgumentsAreReadByPath()
    {
        PolicySet set = Set("rules: [{id: path, on: [tool.call], when: {tool.args.file_path|startswith: /etc/}, then: deny}, {id: any, on: [tool.call], when: {tool.args|contains: secret}, then: ask}]");
        Assert.Equal("deny p1/path", set.Decide(Tool("Write", args: """{"file_path":"/etc/passwd"}""")).Short());
        Assert.Equal("deny p1/path", set.Decide(Tool("Write", args: """{"file_path":"\u002fetc/passwd"}""")).Short());
        Assert.Equal("ask p1/any", set.Decide(Tool("Write", args: """{"a":{"b":["x","my Secret"]}}""")).Short());
        Assert.Equal("allow p1/default", set.Decide(Tool("Write", args: """{"file_path":"/tmp/x"}""")).Short());
        Assert.Equal("allow p1/default", set.Decide(Tool("Write")).Short());
    }

    [Theory]
    [InlineData("{\"a\":\"forbid\\u0064en\"}")]
    [InlineData("{\"forbid\\u0064en\":1}")]
    [InlineData("[{\"a\":\"{\\\"b\\\":\\\"forbid\\\\u0064en\\\"}\"}]")]
    [InlineData("{\"x\":1}\n{\"a\":\"forbid\\u0064en\"}\n")]
    [InlineData("{\"a\":\"\\ud800 forbid\\u0064en\"}")]
    public void ConditionsSeeThroughJsonInTexts(string text)
    {
        PolicySet set = Set("rules: [{id: word, when: {content|contains: forbidden}, then: deny}]");
        Assert.Equal("deny p1/word", set.Decide(Saying("fine", text)).Short());
        Assert.Equal("allow p1/default", set.Decide(Saying("fine", text.Replace("0064", "0065", StringComparison.Ordinal))).Short());
    }

    [Theory]
    [InlineData("forbid\u200bden")]
    [InlineData("forbid\\u0064en")] // no JSON: an escape is the letter that it stands for, as detectors see it
    [InlineData("forbid\u00adden")]
    [InlineData("\uff46\uff4f\uff52\uff42\uff49\uff44\uff44\uff45\uff4e")]
    [InlineData("{\"a\":\"forbid\\u200bden\"}")]
    public void ConditionsSeeTextsAsTheirReadersDo(string text)
    {
        PolicySet set = Set("rules: [{id: word, when: {content|contains: forbidden}, then: deny}]");
        Assert.Equal("deny p1/word", set.Decide(Saying("fine", text)).Short());
        Assert.Equal("deny p1/word", Set("rules: [{id: word, when: {content|contains: \u200b}, then: deny}]").Decide(Saying("a\u200bb")).Short());
    }

    [Theory]
    [InlineData("closed", "deny p1/word")]
    [InlineData("open", "allow p1/default")]
    public void MoreEscapedTextsThanAreReadCannotBeEvaluated(string fail, string expected)
    {
        PolicySet set = Set($"rules: [{{id: word, when: {{content|contains: forbidden}}, then: deny, fail: {fail}}}]");
        string many = string.Concat(Enumerable.Repeat("\"\\u0061\",", 100_000));
        Assert.Equal("allow p1/default", set.Decide(Saying($"[{many}1]")).Short());
        Assert.Equal(expected, set.Decide(Saying($"[{many}\"forbid\\u0064en\"]")).Short());
        Assert.Equal(expected, set.Decide(Saying($"[{many}1]", "{\"a\":\"forbid\\u0064en\"}")).Short());
    }

    [Fact]
    public void WhatCannotBeEvaluatedFollowsFail()
    {
        const string Rule = "rules: [{id: path, on: [tool.call], when: {tool.args.file_path: /etc/passwd}, then: deny, fail: FAIL}]";
        Verdict closed = Set(Rule.Replace("FAIL", "closed", StringComparison.Ordinal)).Decide(Tool("Write", args: """{"file_path":"""));
        Assert.Equal(("deny p1/path", VerdictOutcome.FailClosed, "fail_closed"), (closed.Short(), closed.Outcome, closed.Evaluated[0].Outcome));
        Assert.Contains("could not be evaluated", closed.Reason, StringComparison.Ordinal);
        Verdict open = Set(Rule.Replace("FAIL", "open", StringComparison.Ordinal)).Decide(Tool("Write", args: "[]garbage"));
        Assert.Equal(("allow p1/default", VerdictOutcome.FailOpen, "fail_open", "path"), (open.Short(), open.Outcome, open.Evaluated[0].Outcome, open.Evaluated[0].Failed.Single()));

        // not of what cannot be read is not true either, and what else decides needs no reading
        Assert.Equal("deny p1/n", Set("rules: [{id: n, when: {tool.args.x|neq: safe}, then: allow}]").Decide(Tool("Write", args: "{")).Short());
        Assert.Equal("allow p1/default", Set("rules: [{id: n, when: {tool.args.x: y, tool.name: Other}, then: deny}]").Decide(Tool("Write", args: "{")).Short());
    }

    [Fact]
    public void DetectorsArePendingUntilTheyHaveRun()
    {
        PolicySet set = Set(
            "rules: [{id: pii, on: [model.*], detect: [email, phone], then: redact}, {id: keys, on: [model.invoke], detect: [secrets], then: deny}]",
            "mode: shadow\nrules: [{id: iban, on: [model.*], detect: [iban], then: deny}]");
        Verdict verdict = set.Decide(Saying("mail me"));
        Assert.True(verdict.IsPending);
        Assert.Equal("allow p1/default", verdict.Short());
        Assert.Equal(["email", "phone"], verdict.RedactWith.Select(d => d.Name));
        Assert.Equal(["email", "phone", "secrets", "iban"], verdict.LookFor.Select(d => d.Name));

        Assert.Equal("allow p1/default", verdict.Complete(_ => default).Short());
        Assert.Equal("redact p1/pii", verdict.Complete(d => new DetectorFinding(d.Name == "phone" ? 2 : 0)).Short());
        Assert.Equal("deny p1/keys", verdict.Complete(_ => new DetectorFinding(1)).Short());
        Verdict shadow = verdict.Complete(d => new DetectorFinding(d.Name == "iban" ? 1 : 0));
        Assert.Equal(("allow p1/default", "shadow_would_deny"), (shadow.Short(), shadow.Evaluated[1].Outcome));
        Assert.False(shadow.IsPending);

        Assert.False(set.Decide(Call).IsPending); // no text, nothing to find
        Assert.Equal(["email", "phone"], set.Decide(Saying("x").AsResponse()).RedactWith.Select(d => d.Name));
    }

    [Fact]
    public void ADetectorThatDoesNotFinishFollowsFail()
    {
        DetectorFinding Late(DetectorReference d) => new(0, "timed out");
        Assert.Equal(("deny p1/pii", VerdictOutcome.FailClosed), Set("rules: [{id: pii, detect: [email], then: redact}]").Decide(Saying("x")).Complete(Late) is var v ? (v.Short(), v.Outcome) : default);
        Assert.Equal(("allow p1/default", VerdictOutcome.FailOpen), Set("rules: [{id: pii, detect: [email], then: redact, fail: open}]").Decide(Saying("x")).Complete(Late) is var w ? (w.Short(), w.Outcome) : default);

        // half of it was found: that is replaced, and the rest is unknown
        Verdict half = Set("rules: [{id: pii, detect: [email, phone], then: redact, fail: open}]").Decide(Saying("x")).Complete(d => d.Name == "email" ? new DetectorFinding(1) : Late(d));
        Assert.Equal(("redact p1/pii", VerdictOutcome.FailOpen), (half.Short(), half.Outcome));
        Assert.Equal("deny p1/pii", Set("rules: [{id: pii, detect: [email, phone], then: redact}]").Decide(Saying("x")).Complete(d => d.Name == "email" ? new DetectorFinding(1) : Late(d)).Short());
    }

    [Fact]
    public void AskPassesOnceApproved()
    {
        PolicySet set = Set("rules: [{id: careful, then: ask}, {id: cap, then: modify, set: {max_tokens: 5}}]");
        Assert.Equal("ask p1/careful", set.Decide(Call).Short());
        Assert.Equal("modify p1/cap", set.Decide(Call with { IsApproved = true }).Short());
        Assert.Equal("deny p1/no", Set("rules: [{id: careful, then: ask}, {id: no, then: deny}]").Decide(Call with { IsApproved = true }).Short());
        Assert.Equal("allow p1/default", Set("default: ask").Decide(Call with { IsApproved = true }).Short());
    }

    [Fact]
    public void UncoveredPartsAndUnknownPaths()
    {
        DecisionRequest image = Call with { Uncovered = [new UncoveredPart("/messages/0/content/1", "image")] };
        DecisionRequest path = Call with { IsUnknownPath = true };
        Assert.Equal("allow p1/default", Set("rules: []").Decide(image).Short());
        Assert.Equal("deny p1/uncovered", Set("rules: []").Decide(path).Short());
        Assert.Equal("allow p1/default", Set("uncovered: allow").Decide(path).Short());
        Assert.Equal("deny p2/uncovered", Set("uncovered: allow", "uncovered: deny").Decide(path).Short());
        Verdict denied = Set("uncovered: deny").Decide(image);
        Assert.Equal(("deny p1/uncovered", VerdictOutcome.NotCovered, "not_covered"), (denied.Short(), denied.Outcome, denied.Evaluated[0].Outcome));
        Assert.Equal(("allow p2/default", "shadow_would_deny"), Set("uncovered: deny\nmode: shadow", "{}").Decide(image) is var v ? (v.Short(), v.Evaluated[0].Outcome) : default);
    }

    [Fact]
    public void SettingsAreTheStrictestSaid()
    {
        Assert.Equal(PolicySettings.Usual, Set("{}", "mode: shadow\nevidence: all").Decide(Call).Settings);
        Assert.Equal(new PolicySettings(UncoveredMode.Deny, ReasoningMode.Deny, EvidenceMode.All),
            Set("uncovered: deny\nreasoning: pass\nevidence: hits", "uncovered: allow\nreasoning: deny\nevidence: all").Decide(Call).Settings);
        Assert.Equal(ReasoningMode.Pass, Set("reasoning: pass").Decide(Call).Settings.Reasoning);
    }

    [Fact]
    public void LimitsCoverRequests()
    {
        PolicySet set = Set("limits: [{id: t, per: user, tokens: 10, window: 1d}, {id: c, per: session, calls: 5, window: 1h}, {id: m, per: key, calls: 1, window: 1h, on: [mcp.call]}]", "mode: shadow\nlimits: [{id: s, per: project, usd: 1, window: 1d}]");
        Assert.Equal(["t user:j@acme.com Enforce", "c session:s1 Enforce", "s project:web Shadow"], set.Decide(Call).Limits.Select(l => $"{l.Limit.Id} {l.Subject} {l.Mode}"));
        Assert.Equal(["c"], set.Decide(Tool("x")).Limits.Select(l => l.Limit.Id));
        Assert.Empty(set.Decide(Call.AsResponse()).Limits);
        Assert.Equal("key:k1", set.Decide(Call with { Caller = new DecisionCaller { KeyId = "k1" } }).Limits[0].Subject);

        Verdict verdict = set.Decide(Call);
        Assert.Equal("deny p1/t", verdict.Exceeded(verdict.Limits[0]).Short());
        Assert.Equal("limit t is used up", verdict.Exceeded(verdict.Limits[0]).Reason);
        Assert.Equal("allow p1/default", verdict.Exceeded(verdict.Limits[2]).Short());
    }

    [Theory]
    [InlineData("bypassPermissions", "mode: bypassPermissions", true)]
    [InlineData("bypassPermissions", "mode: adaptive", true)]
    [InlineData("bypassPermissions", "mode: fixed", false)]
    [InlineData("plan", "mode: fixed", true)]
    [InlineData("yolo", "mode: [adaptive]", true)]
    [InlineData("somethingNew", "mode: somethingnew", true)]
    [InlineData("somethingNew", "mode: adaptive", false)]
    [InlineData("adaptive", "mode|neq: fixed", true)]
    [InlineData(null, "mode: null", true)]
    public void AutonomyIsLimitedByMode(string? mode, string when, bool matches) =>
        Assert.Equal(matches ? "deny p1/m" : "allow p1/default", Set($"rules: [{{id: m, when: {{{when}}}, then: deny}}]").Decide(Call with { Mode = mode }).Short());

    [Fact]
    public void AnEventIsChangedAtIngestAndNeverRefused()
    {
        var e = new CanonicalEvent { Id = "1", Action = "file.write", Actor = new ActorPart { Id = "a", User = "u@acme.com" }, Resource = new ResourcePart { Project = "web" }, Result = "success" };
        DecisionRequest request = new() { Action = "event.ingest", Facts = e };
        Verdict verdict = Set(
            "scope: project:web\nrules: [{id: team, on: [event.ingest], when: {action: file.*, actor.user: u@acme.com}, then: modify, set: {resource.team: core}}, {id: no, on: ['*'], then: deny}]").Decide(request);
        Assert.Equal("modify p1/team", verdict.Short());
        Assert.Equal("team=core", verdict.Changes.Resource.Select(r => $"{r.Key}={r.Value}").Single());
        Assert.Equal("allow p1/default", Set("rules: [{id: no, then: deny}]").Decide(request).Short());
    }

    [Fact]
    public void FactsAreReadAndNeverChanged()
    {
        var facts = new CanonicalEvent { Id = "1", Agent = new AgentPart { Kind = "codex", Version = "2" }, Client = new ClientPart { Place = "DE" }, Details = "{\"attributes\":{\"x\":1}}"u8.ToArray() };
        Verdict verdict = Set("rules: [{id: f, when: {agent.kind: claude-code, agent.version: '2', client.place: DE, details.attributes.x: 1, actor.id: j@acme.com, actor.type: user, resource.project: web, trace.session: s1, target: openai, source.key: k1}, then: deny}]")
            .Decide(Call with { Facts = facts, Caller = Call.Caller with { Agent = "claude-code" } });
        Assert.Equal("deny p1/f", verdict.Short());
        Assert.Equal(("codex", null), (facts.Agent.Kind, facts.Target));
    }
}
