using Muniment.Policy.Documents;

namespace Muniment.Policy.Tests.Documents;

public sealed class PolicyErrorTests
{
    private const string Rule = "rules:\n  - id: a\n    on: [tool.call]\n    then: deny\n";

    [Theory]
    [InlineData("rulez: []", "line 1, column 1, rulez: unknown key 'rulez', expected one of scope, lock")]
    [InlineData("mode: loud", "line 1, column 7, mode: expected one of enforce, shadow, found 'loud'")]
    [InlineData("scope: team:x", "line 1, column 8, scope: expected org, project:ID or user:ID, found 'team:x'")]
    [InlineData("scope: 'project:'", "scope: expected org")]
    [InlineData("lock: yes", "lock: expected true or false")]
    [InlineData("default: redact", "default: expected one of allow, ask, deny")]
    [InlineData("uncovered: maybe", "uncovered: expected one of deny, allow")]
    [InlineData("reasoning: keep", "reasoning: expected one of drop, pass, deny")]
    [InlineData("evidence: some", "evidence: expected one of none, hits, all")]
    [InlineData("rules: {}", "rules: expected a list")]
    [InlineData("rules: [x]", "rules[0]: expected a rule")]
    [InlineData("rules: [{id: a}]", "expected then: allow, deny")]
    [InlineData("rules: [{then: deny}]", "rules[0]: expected an id")]
    [InlineData("rules: [{id: 'a b', then: deny}]", "rules[0].id: expected an id of letters")]
    [InlineData("rules: [{id: default, then: deny}]", "rules[0].id: 'default' names")]
    [InlineData("rules: [{id: a, then: deny}, {id: a, then: deny}]", "column 35, rules[1].id: expected an id of its own, 'a' is taken")]
    [InlineData("rules: [{id: a, then: deny}]\nlimits: [{id: a, per: key, calls: 1, window: 1d}]", "line 2, column 15, limits[0].id: expected an id of its own")]
    [InlineData("rules: [{id: a, then: block}]", "rules[0].then: expected one of allow, deny, modify, redact, ask, found 'block'")]
    [InlineData("rules: [{id: a, then: redact}]", "rules[0].then: redact needs detect")]
    [InlineData("rules: [{id: a, then: modify}]", "rules[0].then: modify needs set")]
    [InlineData("rules: [{id: a, then: deny, set: {model: x}}]", "rules[0].set: set goes with then: modify only")]
    [InlineData("rules: [{id: a, on: [model.invok], then: deny}]", "rules[0].on[0]: unknown action 'model.invok', expected model.invoke?")]
    [InlineData("rules: [{id: a, on: [], then: deny}]", "rules[0].on: expected a list of 1 to")]
    [InlineData("rules: [{id: a, on: [invoke], then: deny}]", "rules[0].on[0]: expected an action such as")]
    [InlineData("rules: [{id: a, on: [event.ingest], then: deny}]", "rules[0].then: an event has happened")]
    [InlineData("rules: [{id: a, on: [tool.call], then: modify, set: {model: x}}]", "expected model.invoke among")]
    [InlineData("rules: [{id: a, on: [tool.call], then: modify, set: {resource.team: x}}]", "resource.* is filled in at event.ingest only")]
    [InlineData("rules: [{id: a, then: modify, set: {max_tokens: 0}}]", "rules[0].set.max_tokens: expected a whole number from 1")]
    [InlineData("rules: [{id: a, then: modify, set: {max_tokens: '5'}}]", "rules[0].set.max_tokens: expected a whole number")]
    [InlineData("rules: [{id: a, then: modify, set: {temperature: 1}}]", "rules[0].set.temperature: unknown key")]
    [InlineData("rules: [{id: a, then: modify, set: {}}]", "rules[0].set: expected a map with one of")]
    [InlineData("rules: [{id: a, then: redact, detect: []}]", "rules[0].detect: expected a list of 1")]
    [InlineData("rules: [{id: a, then: redact, detect: [{id: x}]}]", "rules[0].detect[0]: expected id and re")]
    [InlineData("rules: [{id: a, then: deny, fail: soft}]", "rules[0].fail: expected one of closed, open")]
    [InlineData("limits: [{id: l, per: key, window: 1d}]", "limits[0]: expected one of tokens, usd, calls")]
    [InlineData("limits: [{id: l, per: key, calls: 1, usd: 1, window: 1d}]", "limits[0]: expected one of tokens, usd, calls")]
    [InlineData("limits: [{id: l, calls: 1, window: 1d}]", "limits[0]: expected per")]
    [InlineData("limits: [{id: l, per: team, calls: 1, window: 1d}]", "limits[0].per: expected one of user, session, project, key")]
    [InlineData("limits: [{id: l, per: key, calls: 1.5, window: 1d}]", "limits[0].calls: expected a whole number")]
    [InlineData("limits: [{id: l, per: key, calls: -1, window: 1d}]", "limits[0].calls: expected a whole number")]
    [InlineData("limits: [{id: l, per: key, calls: 1, window: 1y}]", "limits[0].window: expected a window such as")]
    [InlineData("limits: [{id: l, per: key, calls: 1, window: 400d}]", "limits[0].window: expected a window such as")]
    [InlineData("limits: [{id: l, per: key, calls: 1, window: 1d, then: redact}]", "limits[0].then: expected one of deny, ask")]
    [InlineData("limits: [{id: l, per: key, calls: 1, window: 1d, soft: true}]", "limits[0].soft: unknown key")]
    public void WhatIsNotUnderstoodIsNamed(string text, string expected) => Assert.Contains(expected, Read.Errors(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("    when: { modell.requested: x }\n", "line 5, column 13, rules[0].when.modell.requested: unknown field 'modell.requested'")]
    [InlineData("    when:\n      target|startwith: x\n", "line 6, column 7, rules[0].when.target|startwith: unknown modifier 'startwith'")]
    [InlineData("    when:\n      risk|gte: severe\n", "line 6, column 17, rules[0].when.risk|gte: expected one of low, medium, high, critical, found 'severe'")]
    [InlineData("    when:\n      tool.command|re: '(?<=x)y'\n", "line 6, column 24, rules[0].when.tool.command|re: expected a regular expression without look-around")]
    [InlineData("    when:\n      a: {target: x}\n      condition: a or b\n", "line 7, column 18, rules[0].when.condition: unknown selection 'b'")]
    [InlineData("    when: {target|expand: '%x%'}\n", "placeholders (expand)")]
    public void ConditionsHaveLineAndColumnToo(string when, string expected) => Assert.Contains(expected, Read.Errors(Rule + when), StringComparison.Ordinal);

    [Fact]
    public void PlacesInJsonCountLinesAndCharacters() =>
        Assert.Equal("""line 3, column 38, rules[0].then: expected one of allow, deny, modify, redact, ask, found 'x'""",
            Read.Errors("{\n \"rules\": [\n  {\"id\":\"ü\",\"reason\":\"äöü😀\",\"then\":  \"x\"}]}").Split('\n').Single(l => l.Contains("then", StringComparison.Ordinal)));

    [Theory]
    [InlineData("", "expected a policy, found nothing")]
    [InlineData("# only a comment", "expected a policy, found nothing")]
    [InlineData("[]", "line 1, column 1: expected a map")]
    [InlineData("just text", "expected a map")]
    [InlineData("{\"rules\":[}", "line 1, column")]
    [InlineData("rules: [", "expected YAML or JSON")]
    [InlineData("rules:\n\t- id: a", "expected YAML or JSON")]
    [InlineData("a: 1\n---\nb: 2", "line 2, column 1: expected one document")]
    [InlineData("mode: shadow\nmode: enforce", "line 2, column 1, mode: expected each member once")]
    [InlineData("{\"mode\":\"shadow\",\"mode\":\"enforce\"}", "mode: expected each member once")]
    [InlineData("<<: {mode: shadow}", "merge keys are not supported")]
    [InlineData("mode: !env X", "unknown tag")]
    [InlineData("mode: *x", "unknown alias *x")]
    [InlineData("rules: &r [*r]", "unknown alias *r")]
    [InlineData("? [a]\n: b", "expected a plain name as key")]
    [InlineData("{\"scope\":\"\\ud800\"}", "surrogate")]
    public void WhatCannotBeReadIsSaid(string text, string expected) => Assert.Contains(expected, Read.Errors(text), StringComparison.Ordinal);

    [Fact]
    public void SizeDepthAndAliasBombsAreBounded()
    {
        Assert.Contains("262144 characters", Read.Errors(new string('#', 300_000)), StringComparison.Ordinal);
        Assert.Contains("nesting of at most 24", Read.Errors("rules: " + new string('[', 200) + new string(']', 200)), StringComparison.Ordinal);
        Assert.Contains("expected", Read.Errors(new string('[', 200_000)), StringComparison.Ordinal);
        Assert.Contains("expected", Read.Errors("{\"a\":" + new string('[', 200_000)), StringComparison.Ordinal);
        string bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"{(char)('a' + i)}: &{(char)('a' + i)} [{string.Join(',', Enumerable.Repeat("*" + (char)('a' + i - 1), 10))}]\n"));
        Assert.Contains("20000 values", Read.Errors(bomb), StringComparison.Ordinal);
        Assert.Contains("500 rules", Read.Errors("rules: [" + string.Concat(Enumerable.Range(0, 501).Select(i => $"{{id: r{i}, then: deny}},")) + "]"), StringComparison.Ordinal);
    }

    [Fact]
    public void AllErrorsAreNamedInTheDocumentsOrderUpToABound()
    {
        ParsedPolicy parsed = PolicyParser.Parse("scope: x\nmode: y\nrules:\n- {id: a, then: z}\n");
        Assert.Equal([1, 2, 4], parsed.Errors.Select(e => e.Line));
        Assert.Equal(PolicyLimits.MaxErrors, PolicyParser.Parse("rules: [" + string.Concat(Enumerable.Repeat("{}, ", 100)) + "]").Errors.Length);
    }

    [Theory]
    [InlineData("emial", "rules[0].detect[0]: expected")]
    [InlineData("{id: EMP, re: '('}", "rules[0].detect[0]: expected")]
    public void DetectorsMustBeThere(string detector, string expected) => Assert.Contains(expected, Read.Errors($"rules: [{{id: a, then: redact, detect: [{detector}]}}]"), StringComparison.Ordinal);

    [Fact]
    public void OwnDetectorsAreCompiled() => Assert.Equal("employee", Read.Document("rules: [{id: a, then: redact, detect: [{id: employee, re: 'EMP-[0-9]{6}'}]}]").Rules[0].Detect[0].Name);

    [Fact]
    public void DetectorsAreJudgedFromOutside()
    {
        var options = new PolicyParserOptions { CheckDetector = d => d.Name == "emial" ? "unknown detector 'emial', expected email?" : null };
        ParsedPolicy parsed = PolicyParser.Parse("rules: [{id: a, then: redact, detect: [email, emial]}]", options);
        Assert.Equal("line 1, column 47, rules[0].detect[1]: unknown detector 'emial', expected email?", parsed.Errors.Single().ToString());
    }
}
