using FsCheck;
using FsCheck.Fluent;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Tests.Documents;

namespace Muniment.Policy.Tests.Evaluation;

public sealed class DecisionProperties
{
    private static readonly Gen<string> Rules =
        from when in Gen.Elements("{}", "{model.requested: gpt-4o}", "{model.requested: other}", "{content|contains: hello}", "{tool.args.x: 1}", "{risk|gte: low}")
        from then in Gen.Elements("allow", "ask", "deny", "modify, set: {max_tokens: 5}", "redact, detect: [email]", "deny, detect: [phone]")
        from fail in Gen.Elements("open", "closed")
        select $"when: {when}, then: {then}, fail: {fail}";

    private static readonly Gen<string> Heads = from scope in Gen.Elements("org", "project:web", "project:other", "user:j@acme.com")
                                                from mode in Gen.Elements("enforce", "enforce", "shadow")
                                                from fallback in Gen.Elements("allow", "allow", "deny", "ask")
                                                select $"scope: {scope}\nmode: {mode}\ndefault: {fallback}\n";

    private static readonly Gen<string> Documents = from head in Heads
                                                    from rules in Rules.ListOf()
                                                    select head + "rules:" + (rules.Count == 0 ? " []" : string.Concat(rules.Take(4).Select((r, i) => $"\n- {{id: r{i}, {r}}}")));

    private static readonly Gen<DecisionRequest> Requests = Gen.Elements(
        Deciding.Call, Deciding.Saying("hello", "x"), Deciding.Tool("Bash", "ls -l", """{"x":1}"""), Deciding.Tool("Bash", args: "{"), Deciding.Call with { IsUnknownPath = true }, Deciding.Saying("a").AsResponse());

    [Fact]
    public void TheStrictestWinsInWhateverOrderPoliciesAndRulesStand()
    {
        Gen<(string[], DecisionRequest, int)> cases = from documents in Documents.ListOf()
                                                      from request in Requests
                                                      from seed in Gen.Choose(0, int.MaxValue - 1)
                                                      select (documents.Take(5).ToArray(), request, seed);
        Prop.ForAll(cases.ToArbitrary(), given =>
        {
            (string[] documents, DecisionRequest request, int seed) = given;
            PublishedPolicy[] policies = [.. documents.Select((d, i) => new PublishedPolicy("p" + i, 1, Read.Document(d)))];
            Verdict verdict = Complete(PolicySet.Build(policies), request);
            Verdict again = Complete(PolicySet.Build(policies), request);
            Assert.Equal(Text(verdict), Text(again));

            var random = new Random(seed);
            PublishedPolicy[] shuffled = [.. policies.Select(p => p with { Name = "q" + random.Next(), Document = p.Document with { Rules = [.. p.Document.Rules.OrderBy(_ => random.Next())] } })];
            random.Shuffle(shuffled);
            Assert.Equal(verdict.Effect, Complete(PolicySet.Build(shuffled), request).Effect);

            // No policy that acts asks for more than the verdict gives.
            PolicyEffect most = verdict.Evaluated.Where(e => e.Mode == PolicyMode.Enforce).Select(e => e.Effect).DefaultIfEmpty(PolicyEffect.Allow).Max();
            Assert.Equal(request.IsUnknownPath ? PolicyEffect.Deny : most, verdict.Effect);

            // Shadow policies change nothing.
            Assert.Equal(verdict.Short(), Complete(PolicySet.Build(policies.Where(p => p.Document.Mode == PolicyMode.Enforce)), request).Short());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private static Verdict Complete(PolicySet set, DecisionRequest request)
    {
        Verdict verdict = set.Decide(request);
        return verdict.IsPending ? verdict.Complete(d => new DetectorFinding(d.Name == "email" ? 1 : 0)) : verdict;
    }

    private static string Text(Verdict v) => $"{v.Short()} {v.Outcome} {v.Reason} {v.Changes} {string.Join(';', v.Evaluated.Select(e => $"{e.Id} {e.Effect} {e.Outcome} {string.Join(',', e.Rules)} {string.Join(',', e.Failed)}"))}";
}
