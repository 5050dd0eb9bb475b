using System.Text;
using Muniment.Events;
using Muniment.Gateway.Access;
using Muniment.Gateway.Ingest;
using Muniment.Gateway.Ingest.Rules;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Tests.Ingest;

/// <summary>Rules on what comes in when a detector cannot do its work: closed keeps the event and not the text, open keeps both.</summary>
public sealed class IngestRuleSetTests
{
    private const string Dense = "detect: [{ id: dense, re: 'z+' }], then: redact";
    private static readonly string Heavy = new('z', 40_000);

    [Theory]
    [InlineData("", "[NOT_SCANNED]")]
    [InlineData(", fail: closed", "[NOT_SCANNED]")]
    [InlineData(", fail: open", null)]
    public void A_text_on_which_a_detector_gives_up_is_stored_only_if_the_rule_is_open(string fail, string? expected)
    {
        string stored = Apply($"rules: [{{ id: r, on: [event.ingest], {Dense}{fail} }}, {{ id: mail, on: [event.ingest], detect: [email], then: redact }}]", $$"""{"heavy":"{{Heavy}}","to":"jane@acme.com"}""");
        Assert.Contains($"\"heavy\":\"{expected ?? Heavy}\"", stored);
        Assert.Contains("\"to\":\"[EMAIL]\"", stored);
        Assert.Contains("\"action\":\"tool.execute\"", stored);
    }

    [Theory]
    [InlineData("", "[NOT_SCANNED]")]
    [InlineData(", fail: open", "plain")]
    public void Patterns_that_cannot_be_used_together_leave_nothing_unseen_if_the_rule_is_closed(string fail, string expected)
    {
        string Rule(string id, int from) => $"{{ id: {id}, on: [event.ingest], detect: [{string.Join(", ", Enumerable.Range(from, 20).Select(i => $"{{ id: p{i}, re: 'P{i}X[0-9]' }}"))}], then: redact{fail} }}";
        string stored = Apply($"rules: [{Rule("a", 0)}, {Rule("b", 20)}, {{ id: mail, on: [event.ingest], detect: [email], then: redact, fail: open }}]", """{"note":"plain","to":"jane@acme.com"}""");
        Assert.Contains($":\"{expected}\"", stored);
        Assert.DoesNotContain("jane@acme", stored); // built-in detectors still run
    }

    [Theory]
    [InlineData("", "[EMAIL]")]
    [InlineData(", fail: open", "jane@acme.com")]
    public void A_condition_that_cannot_be_evaluated_redacts_if_the_rule_is_closed(string fail, string expected)
    {
        PolicySet policies = Policies($"rules: [{{ id: r, on: [event.ingest], when: {{ tool.args.x: y }}, detect: [email], then: redact{fail} }}]");
        Verdict verdict = policies.Decide(new DecisionRequest
        {
            Action = DecisionActions.EventIngest, Tool = new DecisionTool { Name = "t", Args = "{broken"u8.ToArray() }, Texts = [new InspectedText("/details/to", "", "jane@acme.com")],
        });
        Assert.Equal(expected is "[EMAIL]", verdict.IsPending);
    }

    private static PolicySet Policies(string yaml)
    {
        ParsedPolicy parsed = PolicyParser.Parse(yaml);
        Assert.True(parsed.Document is not null, string.Join(";", parsed.Errors));
        return PolicySet.Build([new PublishedPolicy("p", 1, parsed.Document)]);
    }

    private static string Apply(string yaml, string details)
    {
        IngestRuleSet rules = IngestRuleSet.Of(Policies(yaml))!;
        var intake = new Intake(new Caller(TenantId.Default, "k", Role.Ingest, null, null, false), "events", null, 1_767_225_600_000_000_000);
        byte[] json = Encoding.UTF8.GetBytes($$"""{"actor":"user:jo@acme.com","action":"tool.execute","result":"success","details":{{details}}}""");
        return Encoding.UTF8.GetString(rules.Apply(intake, json, out _).Span);
    }
}
