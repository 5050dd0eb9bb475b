using System.Net;
using System.Text;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Testing.Upstreams;

namespace Muniment.Gateway.Tests.Llm;

/// <summary>Detectors that give up on a text, or cannot be used together: closed lets nothing through that nobody looked at, open does, and the record says which it was.</summary>
[Collection(nameof(LlmDoor))]
public sealed class FailModeTests(LlmDoor door)
{
    private const string Dense = "detect: [{ id: dense, re: 'z+' }], then: redact";
    private static readonly string Heavy = new('z', 40_000);

    [Theory]
    [InlineData("chat", "last", "closed")]
    [InlineData("chat", "tool_arguments", "closed")]
    [InlineData("responses", "tool_result", "closed")]
    [InlineData("messages", "tool_definition", "closed")]
    [InlineData("messages", "tool_arguments", "closed")]
    [InlineData("chat", "last", "open")]
    [InlineData("messages", "tool_arguments", "open")]
    public async Task A_request_on_which_a_detector_gives_up_passes_only_if_the_rule_is_open(string api, string place, string fail)
    {
        await door.SetAsync($"rules: [{{ id: dense, on: [model.invoke], {Dense}, fail: {fail} }}]");
        using HttpResponseMessage response = await door.PostAsync(Calls.Path(api), Calls.Body(api, place, Heavy, false));
        CanonicalEvent invoke = door.Events(LlmDoor.DecisionOf(response))[0];
        Assert.Equal($"fail_{fail}", Outcome(invoke));
        if (fail is "open")
        {
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            Assert.Equal("allowed", invoke.Result);
            return;
        }

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(door.Upstream.Requests);
        Assert.Equal(("denied", "dense"), (invoke.Result, invoke.Policy!.Rule));
    }

    public static TheoryData<string, bool, string, string> Answers()
    {
        var data = new TheoryData<string, bool, string, string>();
        foreach (string api in (string[])["chat", "responses", "messages"])
        {
            foreach (string place in (string[])["text", "arguments"])
            {
                data.Add(api, false, place, "closed");
                data.Add(api, true, place, "closed");
                data.Add(api, true, place, "open");
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_answer_on_which_a_detector_gives_up_is_shown_only_if_the_rule_is_open(string api, bool streamed, string place, string fail)
    {
        await door.SetAsync($"rules: [{{ id: dense, on: [model.respond], {Dense}, fail: {fail} }}]", new FakeAnswer
        {
            Fragment = 1000,
            Text = place is "text" ? "Begin " + Heavy : "Begin",
            Arguments = place is "arguments" ? $"{{\"to\":\"{Heavy}\"}}" : null,
        });
        using HttpResponseMessage response = await door.PostAsync(Calls.Path(api), Calls.Body(api, "none", "", streamed));
        string answer = await response.Content.ReadAsStringAsync();
        CanonicalEvent respond = door.Events(LlmDoor.DecisionOf(response))[1];
        Assert.Equal($"fail_{fail}", Outcome(respond));
        if (fail is "open")
        {
            Assert.True(answer.Count(c => c == 'z') >= 40_000, answer[..Math.Min(answer.Length, 500)]);
            return;
        }

        Assert.True(answer.Count(c => c == 'z') < 1000, "the text that nobody looked at was shown");
        Assert.Contains("denied", answer, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(("denied", "dense"), (respond.Result, respond.Policy!.Rule));
    }

    [Theory]
    [InlineData("closed")]
    [InlineData("open")]
    public async Task Patterns_that_cannot_be_used_together_fail_their_rules_and_the_rest_still_works(string fail)
    {
        string Rule(string id, int from) => $"{{ id: {id}, on: [model.invoke], detect: [{string.Join(", ", Enumerable.Range(from, 20).Select(i => $"{{ id: p{i}, re: 'P{i}X[0-9]' }}"))}], then: redact, fail: {fail} }}";
        await door.SetAsync($"rules: [{Rule("a", 0)}, {Rule("b", 20)}, {{ id: mail, on: [model.invoke], detect: [email], then: redact }}]");
        using HttpResponseMessage response = await door.PostAsync(Calls.Path("chat"), Calls.Body("chat", "last", Calls.Secret, false));
        CanonicalEvent invoke = door.Events(LlmDoor.DecisionOf(response))[0];
        if (fail is "closed")
        {
            Assert.Equal((HttpStatusCode.Forbidden, "fail_closed"), (response.StatusCode, Outcome(invoke)));
            Assert.Empty(door.Upstream.Requests);
            return;
        }

        Assert.True(response.IsSuccessStatusCode);
        Assert.DoesNotContain("contoso", Assert.Single(door.Upstream.Requests).Text);
        Assert.Equal("redacted", invoke.Result);
        Assert.Contains("\"fail_open\"", Encoding.UTF8.GetString(invoke.Details.Span));
    }

    [Fact]
    public async Task A_server_of_tools_shows_nothing_that_nobody_looked_at_either()
    {
        await door.SetAsync($"rules: [{{ id: dense, on: [mcp.call], {Dense} }}]");
        door.Upstream.Intercept = async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(
                $"data: {{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{{\"message\":\"{Heavy}\"}}}}\n\ndata: {{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{{\"content\":[]}}}}\n\n"));
            return true;
        };
        using HttpResponseMessage response = await door.PostAsync("/mcp/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{}}}""");
        Assert.DoesNotContain("zzzz", await response.Content.ReadAsStringAsync());
        Assert.Equal("denied", door.Events(LlmDoor.DecisionOf(response))[1].Result);
    }

    private static string? Outcome(CanonicalEvent e) => JsonDocument.Parse(e.Decision).RootElement.GetProperty("outcome").GetString();
}
