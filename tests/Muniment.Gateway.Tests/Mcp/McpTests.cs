using System.Net;
using System.Text;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Gateway.Tests.Llm;

namespace Muniment.Gateway.Tests.Mcp;

/// <summary>MCP over streamable HTTP: sessions pass, tools are filtered and decided, arguments and results redacted, outcomes recorded in three layers.</summary>
[Collection(nameof(LlmDoor))]
public sealed class McpTests(LlmDoor door)
{
    private const string Accept = "application/json, text/event-stream";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_is_begun_tools_are_listed_without_the_denied_and_one_is_called_redacted(bool streamed)
    {
        await SetAsync("""
            rules:
              - { id: no-shell, on: [mcp.call], when: { tool.name: shell }, then: deny, reason: no shells }
              - { id: secrets, on: [mcp.call, mcp.message, model.respond], detect: [email], then: redact }
            """, streamed);
        using HttpResponseMessage begun = await SendAsync("""{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}""");
        Assert.True(begun.IsSuccessStatusCode, await begun.Content.ReadAsStringAsync());
        Assert.Equal("session-1", begun.Headers.GetValues("Mcp-Session-Id").Single());

        using HttpResponseMessage noted = await SendAsync("""{"jsonrpc":"2.0","method":"notifications/initialized"}""");
        Assert.Equal(HttpStatusCode.Accepted, noted.StatusCode);

        JsonElement list = await ReadAsync(await SendAsync("""{"jsonrpc":"2.0","id":"l","method":"tools/list"}"""));
        Assert.Equal(["mail", "fail"], list.GetProperty("result").GetProperty("tools").EnumerateArray().Select(t => t.GetProperty("name").GetString()));

        using HttpResponseMessage called = await SendAsync($$$"""{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"mail","arguments":{"to":"{{{Calls.Secret}}}" } } }""");
        string id = LlmDoor.DecisionOf(called);
        string text = await called.Content.ReadAsStringAsync();
        Assert.DoesNotContain("contoso", text);
        Assert.Contains("sent to [EMAIL]", text);
        Assert.DoesNotContain("contoso", door.Upstream.Requests.Last().Text);
        Assert.Equal("session-1", door.Upstream.Requests.Last().Headers["mcp-session-id"]);
        IReadOnlyList<CanonicalEvent> events = door.Events(id);
        Assert.Equal(["mcp.call", "mcp.respond"], events.Select(e => e.Action));
        Assert.Equal(("mail", "mcp", "mcp", "session-1"), (events[0].Tool!.Name, events[0].Tool!.Namespace, events[0].Tool!.Server, events[0].Trace!.Session));
        Assert.Contains("\"is_error\":false", Encoding.UTF8.GetString(events[1].Details.Span));
        Assert.Empty(door.Upstream.Refused);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_denied_tool_is_a_result_that_the_model_reads_and_failures_are_told_apart(bool streamed)
    {
        await SetAsync("rules: [{ id: no-shell, on: [mcp.call], when: { tool.name: shell }, then: deny, reason: no shells }]", streamed);
        using HttpResponseMessage denied = await SendAsync("""{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"shell","arguments":{"command":"ls"}}}""");
        JsonElement answer = JsonDocument.Parse(await denied.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(7, answer.GetProperty("id").GetInt32());
        Assert.True(answer.GetProperty("result").GetProperty("isError").GetBoolean());
        Assert.Contains("no shells", answer.GetProperty("result").GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Empty(door.Upstream.Requests);

        using HttpResponseMessage failed = await SendAsync("""{"jsonrpc":"2.0","id":8,"method":"tools/call","params":{"name":"fail","arguments":{}}}""");
        await failed.Content.ReadAsStringAsync();
        Assert.Contains("\"is_error\":true", Encoding.UTF8.GetString(door.Events(LlmDoor.DecisionOf(failed))[1].Details.Span));

        using HttpResponseMessage unknown = await SendAsync("""{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"nothing","arguments":{}}}""");
        Assert.Contains("-32602", await unknown.Content.ReadAsStringAsync());
        Assert.Contains("\"jsonrpc_error\":-32602", Encoding.UTF8.GetString(door.Events(LlmDoor.DecisionOf(unknown))[1].Details.Span));
    }

    [Theory]
    [InlineData("[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\"}]")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"method\":\"tools/call\"}")]
    [InlineData("nonsense")]
    public async Task What_readers_may_disagree_about_is_refused(string body)
    {
        await SetAsync(null, false);
        using HttpResponseMessage response = await SendAsync(body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("-32600", await response.Content.ReadAsStringAsync());
        Assert.Empty(door.Upstream.Requests);
    }

    private async Task SetAsync(string? policy, bool streamed)
    {
        await door.SetAsync(policy);
        door.Upstream.Intercept = async (context, request) =>
        {
            JsonElement message = JsonDocument.Parse(request.Body).RootElement;
            context.Response.Headers["Mcp-Session-Id"] = "session-1";
            if (!message.TryGetProperty("id", out JsonElement id))
            {
                context.Response.StatusCode = 202;
                return true;
            }

            string rest = message.GetProperty("method").GetString() switch
            {
                "initialize" => "\"result\":{\"protocolVersion\":\"2025-06-18\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"fake\",\"version\":\"1\"}}",
                "tools/list" => "\"result\":{\"tools\":[{\"name\":\"shell\",\"inputSchema\":{}},{\"name\":\"mail\",\"inputSchema\":{}},{\"name\":\"fail\",\"inputSchema\":{}}]}",
                _ => message.GetProperty("params").GetProperty("name").GetString() switch
                {
                    "mail" => $"\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":\"sent to {Calls.Secret}\"}}],\"isError\":false}}",
                    "fail" => "\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"it broke\"}],\"isError\":true}",
                    _ => "\"error\":{\"code\":-32602,\"message\":\"unknown tool\"}",
                },
            };
            string answer = $"{{\"jsonrpc\":\"2.0\",\"id\":{id.GetRawText()},{rest}}}";
            context.Response.ContentType = streamed ? "text/event-stream" : "application/json";
            string text = streamed ? $"event: message\ndata: {{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{{\"message\":\"{Calls.Secret}\"}}}}\n\nevent: message\ndata: {answer}\n\n" : answer;
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text));
            return true;
        };
    }

    private Task<HttpResponseMessage> SendAsync(string body) => door.PostAsync("/mcp/mcp", body, headers: [("Accept", Accept), ("Mcp-Session-Id", "session-1"), ("MCP-Protocol-Version", "2025-06-18")]);

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        using (response)
        {
            string text = await response.Content.ReadAsStringAsync();
            string json = text.StartsWith('{') ? text : text.Split("data: ")[^1].Trim();
            return JsonDocument.Parse(json).RootElement;
        }
    }
}
