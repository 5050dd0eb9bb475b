using System.Net;
using System.Text;
using Muniment.Events.Canonical;
using Muniment.Gateway.Tests.Llm;

namespace Muniment.Gateway.Tests.Mcp;

/// <summary>The stream of a server's own messages (GET): each is looked at as it comes, also answers that come there again, and one that must not pass ends it.</summary>
[Collection(nameof(LlmDoor))]
public sealed class McpOwnMessagesTests(LlmDoor door)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Each_message_is_shown_at_once_and_redacted_by_the_rules_on_calls_too()
    {
        TaskCompletionSource goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await SetAsync("rules: [{ id: mail, on: [mcp.call], detect: [email], then: redact }]", goesOn.Task,
            $$$"""{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"one {{{Calls.Secret}}}"} }""",
            $$$"""{"jsonrpc":"2.0","id":2,"result":{"content":[{"type":"text","text":"two {{{Calls.Secret}}}"}]} }""");
        using HttpResponseMessage response = await GetAsync();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        string first = await NextAsync(reader);
        Assert.Contains("one [EMAIL]", first);
        Assert.StartsWith("id: 0\n", first); // or the client could not take the stream up again
        goesOn.SetResult(); // the second is sent only now: the first was not held back for it
        Assert.Contains("two [EMAIL]", await NextAsync(reader));
        Assert.Equal("", await reader.ReadToEndAsync().WaitAsync(Patience));
        IReadOnlyList<CanonicalEvent> events = await EventsAsync(LlmDoor.DecisionOf(response), 2);
        Assert.Equal(["mcp.message", "mcp.respond"], events.Select(e => e.Action));
        Assert.Contains("\"EMAIL\":2", Encoding.UTF8.GetString(events[1].Decision.Span));
        Assert.Equal(("GET", "session-1"), (door.Upstream.Requests.Single().Method, door.Upstream.Requests.Single().Headers["mcp-session-id"]));
    }

    [Fact]
    public async Task A_list_of_tools_that_comes_again_is_filtered_as_the_first_was()
    {
        await SetAsync("rules: [{ id: no-shell, on: [mcp.call], when: { tool.name: shell }, then: deny }]", Task.CompletedTask,
            """{"jsonrpc":"2.0","id":"l","result":{"tools":[{"name":"shell","inputSchema":{}},{"name":"mail","inputSchema":{}}]} }""");
        using HttpResponseMessage response = await GetAsync(("Last-Event-ID", "7"));
        string text = await response.Content.ReadAsStringAsync().WaitAsync(Patience);
        Assert.DoesNotContain("shell", text);
        Assert.Contains("mail", text);
        Assert.Contains("tool_removed", Encoding.UTF8.GetString((await EventsAsync(LlmDoor.DecisionOf(response), 2))[1].Decision.Span));
    }

    [Theory]
    [InlineData("rules: [{ id: leak, on: [mcp.call], when: { content|contains: falcon }, then: deny, reason: internal }]")]
    [InlineData("rules: [{ id: leak, on: [mcp.message], when: { content|contains: falcon }, then: deny, reason: internal }]")]
    [InlineData("rules: [{ id: leak, on: [mcp.call], detect: [email], then: deny, reason: internal }]")]
    public async Task A_message_that_a_rule_denies_ends_the_stream_and_those_before_it_were_shown(string policy)
    {
        TaskCompletionSource goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await SetAsync(policy, goesOn.Task,
            """{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"fine"} }""",
            $$$"""{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"falcon {{{Calls.Secret}}}"} }""",
            """{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"later"} }""");
        using HttpResponseMessage response = await GetAsync();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Contains("fine", await NextAsync(reader));
        goesOn.SetResult();
        string rest = await reader.ReadToEndAsync().WaitAsync(Patience);
        Assert.DoesNotContain("falcon", rest);
        Assert.DoesNotContain("contoso", rest);
        Assert.DoesNotContain("later", rest);
        Assert.Contains("\"error\":{", rest);
        CanonicalEvent respond = (await EventsAsync(LlmDoor.DecisionOf(response), 2))[1];
        Assert.Equal(("denied", "leak"), (respond.Result, respond.Policy!.Rule));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_rule_on_calls_that_looks_at_the_text_holds_for_the_answer_too(bool streamed)
    {
        await door.SetAsync("rules: [{ id: leak, on: [mcp.call], when: { content|contains: falcon }, then: deny, reason: internal }]");
        door.Upstream.Intercept = async (context, _) =>
        {
            const string Answer = """{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"the falcon"}]}}""";
            context.Response.ContentType = streamed ? "text/event-stream" : "application/json";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(streamed ? $"event: message\ndata: {Answer}\n\n" : Answer));
            return true;
        };
        using HttpResponseMessage response = await door.PostAsync("/mcp/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mail","arguments":{}}}""");
        Assert.DoesNotContain("falcon", await response.Content.ReadAsStringAsync());
        Assert.Equal("denied", (await EventsAsync(LlmDoor.DecisionOf(response), 2))[1].Result);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("DELETE")]
    public async Task A_body_where_none_belongs_and_a_query_do_not_reach_the_server(string method)
    {
        await SetAsync(Calls.Redact, Task.CompletedTask);
        using var request = new HttpRequestMessage(new HttpMethod(method), "/mcp/mcp") { Content = new StringContent($"{{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":\"{Calls.Secret}\"}}") };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + door.Key);
        using HttpResponseMessage refused = await door.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Empty(door.Upstream.Requests);
        Assert.True(door.Events(LlmDoor.DecisionOf(refused))[^1] is { Result: "denied", Reason: "malformed" });

        using HttpResponseMessage passed = await door.PostAsync("/mcp/mcp?note=" + Uri.EscapeDataString(Calls.Secret), "", new HttpMethod(method));
        Assert.True(passed.IsSuccessStatusCode);
        Assert.Equal("", door.Upstream.Requests.Single().Query);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"name":"harmless","uri":"file:///secret"}}""", "file:///secret")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"name":"harmless","ref":{"type":"ref/prompt","name":"hidden"}}}""", "hidden")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"Tools/Call","params":{"name":"hidden","arguments":{}}}""", "hidden")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"uri":"harmless","name":"hidden"}}""", "hidden")]
    public async Task Another_name_beside_it_does_not_stand_for_what_is_called(string body, string named)
    {
        await SetAsync($"rules: [{{ id: no, on: [mcp.call], when: {{ tool.name: '{named}' }}, then: deny }}]", Task.CompletedTask);
        using HttpResponseMessage response = await door.PostAsync("/mcp/mcp", body);
        Assert.Equal("denied", Assert.Single(door.Events(LlmDoor.DecisionOf(response))).Result);
        Assert.Empty(door.Upstream.Requests);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":["shell"],"arguments":{}}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call"}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"name":"x"}}""")]
    [InlineData("""[{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"shell"}}]""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/call ","params":{"name":"shell"}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":["tools/call"],"params":{"name":"shell"}}""")]
    public async Task A_call_that_does_not_plainly_name_its_tool_is_refused_and_recorded(string body)
    {
        await SetAsync(null, Task.CompletedTask);
        using HttpResponseMessage response = await door.PostAsync("/mcp/mcp", body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("-32600", await response.Content.ReadAsStringAsync());
        Assert.Empty(door.Upstream.Requests);
        Assert.True(door.Events(LlmDoor.DecisionOf(response))[^1] is { Result: "denied", Reason: "malformed" });
    }

    private async Task SetAsync(string? policy, Task goesOn, params string[] messages)
    {
        await door.SetAsync(policy);
        door.Upstream.Intercept = async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            for (int i = 0; i < messages.Length; i++)
            {
                await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes($"id: {i}\nevent: message\ndata: {messages[i]}\n\n"));
                await context.Response.Body.FlushAsync();
                await (i == 0 ? goesOn.WaitAsync(Patience) : Task.CompletedTask);
            }

            return true;
        };
    }

    private Task<HttpResponseMessage> GetAsync(params (string, string)[] headers) =>
        door.PostAsync("/mcp/mcp", "", HttpMethod.Get, [("Accept", "text/event-stream"), ("Mcp-Session-Id", "session-1"), .. headers]).WaitAsync(Patience);

    private static async Task<string> NextAsync(StreamReader reader)
    {
        var frame = new StringBuilder();
        while (await reader.ReadLineAsync().WaitAsync(Patience) is { Length: > 0 } line)
        {
            frame.Append(line).Append('\n');
        }

        return frame.ToString();
    }

    // The record of a stream's end is durable before its last byte, but not before the client has seen the bytes before.
    private async Task<IReadOnlyList<CanonicalEvent>> EventsAsync(string id, int count)
    {
        for (long until = Environment.TickCount64 + (long)Patience.TotalMilliseconds; door.Events(id).Count < count && Environment.TickCount64 < until;)
        {
            await Task.Delay(5);
        }

        return door.Events(id);
    }
}
