using System.Globalization;
using System.Text;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Policy.Detectors;
using Muniment.Policy.Simulation;
using Muniment.Policy.Tests.Evaluation;

namespace Muniment.Policy.Tests.Simulation;

public sealed class SimulationTests
{
    private const long Start = 1_795_219_200_000_000_000; // midnight UTC

    private static readonly byte[] Envelope = EnvelopeCodec.Write(new Envelope { Stream = "decision", Key = "k1", Receiver = "platform" });

    private long seq;

    /// <summary>A decision's event as the platform records it.</summary>
    private CanonicalEvent Event(string result = "allowed", string action = "model.invoke", string members = "", string decision = "", string details = "\"digest\":\"hmac-sha256:00\"", int minute = 0)
    {
        string id = "d" + seq.ToString(CultureInfo.InvariantCulture);
        string model = action.StartsWith("model.", StringComparison.Ordinal) ? "\"model\":{\"requested\":\"gpt-4o\"}," : "";
        string json = $$"""{"ts":"{{Timestamps.Format(Start + (minute * 60_000_000_000L))}}","stream":"decision","actor":{"id":"j@acme.com","type":"user"},"action":"{{action}}","result":"{{result}}",{{model}}"target":"openai","resource":{"project":"web"},"policy":{"id":"old","version":1,"rule":"default"}{{(members.Length > 0 ? "," + members : "")}},"decision":{"id":"{{id}}","phase":"request","outcome":"enforced"{{(decision.Length > 0 ? "," + decision : "")}}},"details":{ {{details}} } }""";
        CanonicalEvent e = new EventReader(TenantId.Default).Read(new StoredEvent(seq++, Start, EntryKind.Event, Envelope, default, default, Encoding.UTF8.GetBytes(json)));
        Assert.Equal(action, e.Action);
        return e;
    }

    private static SimulationResult Run(string document, params CanonicalEvent[] events)
    {
        var simulation = new PolicySimulation(Deciding.Set(document), "p1", Start);
        foreach (CanonicalEvent e in events)
        {
            simulation.Add(e);
        }

        return simulation.Result();
    }

    private static string Text(SimulationResult r) =>
        $"{r.Evaluated}/{r.Changed}/{r.Undecidable} {string.Join(' ', r.UndecidableByRule.Select(u => $"{u.Key}:{u.Value}"))} {string.Join(' ', r.Transitions.Select(t => $"{t.From}>{t.To}:{t.Count}"))}".TrimEnd();

    [Fact]
    public void WhatIsKnownIsDecided()
    {
        SimulationResult result = Run("rules: [{id: models, on: [model.invoke], when: {model.requested|startswith: gpt, resource.project: web, actor.user: j@acme.com}, then: deny}]",
            Event(), Event("denied"), Event(action: "tool.call", members: "\"tool\":{\"name\":\"Read\"}"), Event("redacted"));
        Assert.Equal("4/2/0  allowed>denied:1 redacted>denied:1", Text(result));
        Assert.Equal(new SimulationExample(0, "allowed", "denied", "models"), result.Examples[0]);
        Assert.Equal("2/1/0  denied>allowed:1", Text(Run("{}", Event("denied"), Event())));
    }

    [Fact]
    public void ContentThatIsGoneIsUndecidableAndNeverUnchanged()
    {
        const string Word = "rules: [{id: word, on: [model.*], when: {content|contains: secret}, then: deny}]";
        Assert.Equal("1/0/1 word:1", Text(Run(Word, Event())));
        Assert.Equal("1/0/1 word:1", Text(Run(Word, Event("denied"))));
        Assert.Equal("1/0/0", Text(Run(Word, Event(details: "")))); // no text was there at all
        Assert.Equal("1/1/0  allowed>denied:1", Text(Run("rules: [{id: word, when: {content: x}, then: ask}, {id: all, then: deny}]", Event()))); // whatever it said
        Assert.Equal("1/0/1 word:1", Text(Run("rules: [{id: word, when: {content|contains: x}, then: redact, detect: [email]}]", Event())));
    }

    [Fact]
    public void AnAllowThatMayHaveMatchedIsUndecidableUnderADefaultOfDeny() =>
        Assert.Equal("2/0/2 ok:2 word:2", Text(Run("default: deny\nrules: [{id: ok, when: {content|contains: x}, then: allow}, {id: word, when: {content: y}, then: deny}]", Event(), Event("denied"))));

    [Fact]
    public void SealedCopiesAreRead()
    {
        const string Kept = "\"digest\":\"x\",\"evidence\":{\"content\":[{\"pointer\":\"/a\",\"role\":\"user\",\"text\":\"my secret is j@acme.com\"}]}";
        Assert.Equal("1/1/0  allowed>denied:1", Text(Run("rules: [{id: word, when: {content|contains: secret}, then: deny}]", Event(details: Kept))));
        Assert.Equal("1/1/0  allowed>redacted:1", Text(Run("rules: [{id: pii, detect: [email], then: redact}]", Event(details: Kept))));
        Assert.Equal("1/0/0", Text(Run("rules: [{id: pii, detect: [iban], then: redact}]", Event(details: Kept))));
        Assert.Equal("1/0/1 word:1", Text(Run("rules: [{id: word, when: {content|contains: secret}, then: deny}]", Event(details: Kept[..^1] + ",\"cut\":true}"))));
        Assert.Equal("1/0/1 word:1", Text(Run("rules: [{id: word, when: {content|contains: secret}, then: deny}]", Event(details: Kept.Replace("my secret is j@acme.com", "***", StringComparison.Ordinal)))));
    }

    [Fact]
    public void DetectorsThatRanAreKnown()
    {
        const string Rule = "rules: [{id: pii, detect: [email], then: redact}]";
        string version = DetectorReferences.TryCompile([new("email"), new("phone")], out _)!.Version;
        Assert.Equal("1/1/0  allowed>redacted:1", Text(Run(Rule, Event(decision: $"\"detectors\":{{\"EMAIL\":2,\"PHONE\":0}},\"detector_set\":\"{version}\""))));
        Assert.Equal("1/0/0", Text(Run(Rule, Event(decision: $"\"detectors\":{{\"EMAIL\":0}},\"detector_set\":\"{version}\""))));
        Assert.Equal("1/0/1 pii:1", Text(Run(Rule, Event(decision: $"\"detectors\":{{\"PHONE\":0}},\"detector_set\":\"{version}\""))));
        Assert.Equal("1/0/1 pii:1", Text(Run(Rule, Event(decision: "\"detectors\":{\"EMAIL\":0},\"detector_set\":\"0.abc\""))));
        Assert.Equal("1/0/1 pii:1", Text(Run(Rule, Event())));
    }

    [Fact]
    public void ArgumentsAreNotKeptAndCommandsAre()
    {
        const string Tool = "\"tool\":{\"name\":\"Bash\",\"command\":\"git push\"},\"risk\":\"high\"";
        Assert.Equal("1/1/0  allowed>denied:1", Text(Run("rules: [{id: risky, when: {risk|gte: high}, then: ask}]", Event(action: "command.execute", members: Tool))));
        Assert.Equal("1/1/0  allowed>denied:1", Text(Run("rules: [{id: push, when: {tool.command|contains: push}, then: deny}]", Event(action: "command.execute", members: Tool))));
        Assert.Equal("1/0/1 path:1", Text(Run("rules: [{id: path, when: {tool.args.path: /etc}, then: deny}]", Event(action: "tool.call", members: Tool))));
        Assert.Equal("1/0/1 team:1", Text(Run("rules: [{id: team, when: {resource.team|neq: core}, then: deny}]", Event())));
        Assert.Equal("1/0/0", Text(Run("rules: [{id: args, when: {tool.args.path: x}, then: deny}]", Event())));
    }

    [Fact]
    public void WhatWasApprovedIsApproved()
    {
        const string Ask = "rules: [{id: careful, then: ask}]";
        Assert.Equal("1/1/0  allowed>denied:1", Text(Run(Ask, Event())));
        Assert.Equal("1/0/0", Text(Run(Ask, Event(members: "\"approval\":{\"by\":\"boss\",\"source\":\"user\"}"))));
        Assert.Equal("1/0/0", Text(Run(Ask, Event("denied", members: "\"reason\":\"approval_rejected\",\"approval\":{\"by\":\"boss\",\"source\":\"user\"}"))));
    }

    [Fact]
    public void CallsAreCountedAgainstLimits()
    {
        const string Three = "limits: [{id: three, per: user, calls: 3, window: 1h}]";
        CanonicalEvent[] calls = [.. Enumerable.Range(0, 5).Select(i => Event(minute: i)), Event(minute: 70)];
        SimulationResult result = Run(Three, calls);
        Assert.Equal("6/2/0  allowed>denied:2", Text(result));
        Assert.Equal("three", result.Examples[0].Rule);

        // A window that had begun before: what was used then is not known.
        var late = new PolicySimulation(Deciding.Set(Three), "p1", Start + 60_000_000_000);
        foreach (CanonicalEvent e in calls)
        {
            late.Add(e);
        }

        Assert.Equal("6/2/3 three:3 allowed>denied:2", Text(late.Result()));
    }

    [Fact]
    public void TokensOfAnswersAreCountedAgainstLimits()
    {
        const string Tokens = "limits: [{id: tokens, per: user, tokens: 100, window: 1d}]";
        CanonicalEvent first = Event();
        seq--;
        CanonicalEvent answer = Event(action: "model.respond", members: "\"usage\":{\"input\":60,\"output\":50}", minute: 1);
        Assert.Equal("3/1/0  allowed>denied:1", Text(Run(Tokens, first, answer, Event(minute: 2))));
    }

    [Fact]
    public void OtherEventsAreNoDecisions()
    {
        CanonicalEvent interrupted = Event("error", "decision.interrupted");
        CanonicalEvent activity = Event();
        activity.Stream = "activity";
        Assert.Equal("0/0/0", Text(Run("default: deny", interrupted, activity)));
    }

    [Fact]
    public void RulesOfOtherPoliciesAreNamedInFull()
    {
        var simulation = new PolicySimulation(Deciding.Set("rules: [{id: a, when: {content: x}, then: deny}]", "rules: [{id: b, when: {content: x}, then: deny}]"), "p2", Start);
        simulation.Add(Event());
        Assert.Equal("1/0/1 b:1 p1/a:1", Text(simulation.Result()));
    }
}
