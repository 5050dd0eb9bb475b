using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;
using static Muniment.Events.Tests.Canonical.Reading;

namespace Muniment.Events.Tests.Canonical;

public sealed class MaskingTests
{
    [Theory]
    [InlineData("tool.command", true)]
    [InlineData("tool.name", false)]
    [InlineData("reason", false)]
    [InlineData("details", true)]
    [InlineData("details.attributes.prompt", true)]
    [InlineData("details.attributes.user_prompt", true)]
    [InlineData("details.attributes.userPrompt", true)]
    [InlineData("details.attributes.prompt_length", false)]
    [InlineData("details.attributes.prompt.id", false)]
    [InlineData("details.attributes.gen_ai.tool.call.arguments", true)]
    [InlineData("details.attributes.gen_ai.tool.call.result", true)]
    [InlineData("details.attributes.gen_ai.tool.call.id", false)]
    [InlineData("details.attributes.gen_ai.conversation.id", false)]
    [InlineData("details.attributes.gen_ai.input.messages", true)]
    [InlineData("details.attributes.gen_ai.usage.input_tokens", false)]
    [InlineData("details.attributes.gen_ai.request.model", false)]
    [InlineData("details.attributes.http.response.status_code", false)]
    [InlineData("details.attributes.full_command", true)]
    [InlineData("details.attributes.function_args", true)]
    [InlineData("details.body", true)]
    [InlineData("details.attributes.code", true)]
    [InlineData("details.attributes.error.code", true)]
    [InlineData("details.attributes.session.id", false)]
    [InlineData("details.risk_reason", true)] // quotes the command
    [InlineData("details.risk_reasons", false)]
    public void OneTableSaysWhatIsSensitive(string field, bool sensitive) => Assert.Equal(sensitive, SensitiveFields.IsSensitive(field));

    [Fact]
    public void ContentIsTakenOutAndCountsStay()
    {
        CanonicalEvent e = Read("""
            {"actor":"a","action":"x","result":"info","reason":"policy said so","tool":{"name":"bash","command":"rm -rf /"},
            "details":{"attributes":{"prompt":"secret","prompt_length":6,"session.id":"s","gen_ai.input.messages":[{"role":"user","content":"secret"}]},
            "list":[{"body":"secret","n":1.50}],"body":{"deep":"secret"},"output":7,"input":null}}
            """);
        EventMasker.Apply(e);
        JsonNode got = Json(e);
        Assert.Equal("""{"name":"bash","command":"***"}""", got["tool"]!.ToJsonString());
        Assert.Equal(
            """{"attributes":{"prompt":"***","prompt_length":6,"session.id":"s","gen_ai.input.messages":"***"},"list":[{"body":"***","n":1.50}],"body":"***","output":7,"input":null}""",
            got["details"]!.ToJsonString());
        Assert.DoesNotContain("secret", got.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("policy said so", e.Reason);
    }
}
