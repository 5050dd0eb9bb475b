using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Tests.Documents;
using Muniment.Policy.Trials;

namespace Muniment.Policy.Tests.Trials;

public sealed class TrialTests
{
    private const string Policy = """
        rules:
          - { id: models, on: [model.invoke], when: { model.requested|startswith: [gpt-4, o3] }, then: deny, reason: model not on the allow list }
          - { id: pii, on: [model.*, tool.call], detect: [email], then: redact }
          - { id: risky, on: [command.execute, tool.call], when: { risk|gte: high }, then: ask }
          - { id: cap, on: [model.invoke], then: modify, set: { max_tokens: 4096 } }
          - { id: team, on: [event.ingest], when: { action: file.* }, then: modify, set: { resource.team: core } }
        tests:
          - name: GPT-4 is off the list
            request: { action: model.invoke, model: gpt-4o, user: j@acme.com }
            expect: { result: deny, rule: models, reason: allow list, outcome: enforced }
          - name: addresses are replaced
            request: { action: model.invoke, model: claude-sonnet-4-5, content: [write to j.doe@acme.com, thanks] }
            expect: { result: redacted, rule: pii, content: "write to [EMAIL]\nthanks", max_tokens: 4096 }
          - name: a push needs a second person
            request: { action: tool.call, actor: "user:j@acme.com", tool: { name: Bash, args: { command: ls && git push } } }
            expect: { result: ask, rule: policy/risky, risk: high }
          - name: and passes with one
            request: { action: command.execute, approved: true, tool: { name: Bash, command: git push } }
            expect: allow
          - name: events get a team
            request: { event: { actor: a, action: file.write, result: success } }
            expect: { result: modify, rule: team }
        """;

    private static TrialOutcome[] Run(string text, string? cases = null)
    {
        ParsedPolicy parsed = PolicyParser.Parse(text);
        Assert.True(parsed.IsOk, string.Join('\n', parsed.Errors));
        ParsedTrials trials = cases is null ? TrialReader.Read(parsed.Tests!) : TrialReader.Read(cases);
        Assert.Empty(trials.Errors);
        var set = PolicySet.Build([new PublishedPolicy("policy", 1, parsed.Document)]);
        return [.. trials.Trials.Select(t => TrialRunner.Run(set, t))];
    }

    [Fact]
    public void CasesThatHoldPass() => Assert.All(Run(Policy), o => Assert.True(o.IsOk, $"{o.Trial.Name}: {string.Join("; ", o.Problems)}"));

    [Theory]
    [InlineData("{action: model.invoke, model: gpt-4o}", "allow", "expected result allow, found deny")]
    [InlineData("{action: model.invoke, model: gpt-4o}", "{rule: cap}", "expected rule cap, found models")]
    [InlineData("{action: model.invoke, model: x}", "{max_tokens: 5}", "expected max_tokens 5, found 4096")]
    [InlineData("{action: model.invoke, model: x}", "{model: y}", "expected model y, found none")]
    [InlineData("{action: tool.call, tool: {name: Bash, command: ls}}", "{risk: high}", "expected risk high, found low")]
    [InlineData("{action: model.invoke, model: x}", "{shadow: {next: deny}}", "expected shadow next deny, found none")]
    [InlineData("{action: model.invoke, content: x}", "{content: y}", "expected content y, found x")]
    public void CasesThatDoNotHoldSayWhy(string request, string expect, string problem)
    {
        TrialOutcome outcome = Run(Policy, $"[{{request: {request}, expect: {expect}}}]").Single();
        Assert.Equal([problem], outcome.Problems.AsEnumerable());
        Assert.Equal("case 1", outcome.Trial.Name);
    }

    [Theory]
    [InlineData("tests: 5", "tests: expected a list of at most")]
    [InlineData("[x]", "expected a case")]
    [InlineData("[{request: {action: model.invoke}}]", "expected a request, a map, and what to expect")]
    [InlineData("[{request: {model: x}, expect: deny}]", "line 1, column 12, [0].request: expected an action such as model.invoke")]
    [InlineData("[{request: {action: a.b, modell: x}, expect: deny}]", "unknown key 'modell'")]
    [InlineData("[{request: {action: a.b}, expect: maybe}]", "expected one of allow, modify, redact, ask, deny, found 'maybe'")]
    [InlineData("[{request: {action: a.b}, expect: {risk: huge}}]", "expected one of low, medium, high, critical")]
    [InlineData("[{request: {event: {actor: a}}, expect: deny}]", "[0].request.event: action: expected")]
    [InlineData("[{request: {action: a.b, time: noon}, expect: deny}]", "[0].request.time: expected")]
    [InlineData("{tests: [], more: 1}", "a map with tests only")]
    [InlineData("[", "expected YAML or JSON")]
    public void CasesThatCannotBeReadSayWhere(string cases, string error) => Assert.Contains(error, string.Join('\n', TrialReader.Read(cases).Errors), StringComparison.Ordinal);

    [Fact]
    public void TestsAreNoPartOfTheContent()
    {
        PolicyDocument with = Read.Document(Policy);
        Assert.Equal(with.Digest, Read.Document(Policy[..Policy.IndexOf("tests:", StringComparison.Ordinal)]).Digest);
        Assert.Null(PolicyParser.Parse(with.CanonicalJson).Tests);
    }
}
