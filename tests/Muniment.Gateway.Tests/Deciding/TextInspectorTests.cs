using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Gateway.Deciding;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Tests.Deciding;

/// <summary>Texts of <c>decide</c> and of what comes in: names of members, and values by their names.</summary>
public sealed class TextInspectorTests
{
    private const string CloudKey = "AKIA" + "QYLPMN5HHHFPZAM2";
    private const string CloudSecret = "k7Tz/mQ2vX9+bL4s" + "Rj1YpW8cNf3HgD6aEu5Ko0Zi";

    [Theory]
    [InlineData("{\"aws_secret_access_key\":\"" + CloudSecret + "\"}", CloudSecret)]
    [InlineData("{\"a\":{\"" + CloudKey + "\":1}}", CloudKey)]
    [InlineData("{\"a\":\"{\\\"" + CloudKey + "\\\":1}\"}", CloudKey)]
    [InlineData("{\"ssn\":\"219-09-9998\"}", "219-09-9998")]
    public void Names_and_values_by_their_names_are_found_and_replaced(string args, string secret)
    {
        var texts = ImmutableArray.CreateBuilder<InspectedText>();
        Assert.True(JsonTexts.TryCollect(JsonElement.Parse(args), "/tool/args", "tool_args", texts, 100));
        ImmutableArray<InspectedText> all = texts.ToImmutable();
        PolicySet policies = PolicySet.Build([new PublishedPolicy("p", 1, PolicyParser.Parse("rules: [{ id: r, on: [tool.call], detect: [secrets, us_ssn], then: redact }]").Document!)]);
        Verdict pending = policies.Decide(new DecisionRequest { Action = DecisionActions.ToolCall, Texts = all });
        Inspection inspection = TextInspector.Inspect(pending, all, out ImmutableArray<string> redacted);
        Assert.True(inspection.IsAltered);
        Assert.Equal(PolicyEffect.Redact, pending.Complete(inspection.Find).Effect);
        Assert.Equal(1, inspection.Counts.Sum(count => count.Value));
        Assert.DoesNotContain(redacted, text => text.Contains(secret, StringComparison.Ordinal));
    }
}
