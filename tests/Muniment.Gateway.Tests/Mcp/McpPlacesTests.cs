using System.Text;
using System.Text.RegularExpressions;
using Muniment.Events.Canonical;
using Muniment.Gateway.Tests.Llm;

namespace Muniment.Gateway.Tests.Mcp;

/// <summary>The matrix for MCP: every place of a message in both directions, plain and streamed, in the disguises that a text can have.</summary>
[Collection(nameof(LlmDoor))]
public sealed class McpPlacesTests(LlmDoor door)
{
    private const string Redact = "rules: [{ id: mail, on: ['mcp.*'], detect: [email], then: redact }]";

    public static TheoryData<string, string> Requests => new()
    {
        { "tool arguments", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mail","arguments":{"to":T}}}""" },
        { "deep arguments", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mail","arguments":{"a":[{"b":{"c":[T]}}]}}}""" },
        { "name of an argument", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mail","arguments":{T:1}}}""" },
        { "json in an argument", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mail","arguments":{"body":J}}}""" },
        { "meta", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mail","arguments":{},"_meta":{"progressToken":T}}}""" },
        { "prompt arguments", """{"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"p","arguments":{"x":T}}}""" },
        { "completion", """{"jsonrpc":"2.0","id":1,"method":"completion/complete","params":{"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"x","value":T}}}""" },
        { "resource", """{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":T}}""" },
        { "client info", """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":T,"version":"1"}}}""" },
        { "notification", """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1,"reason":T}}""" },
        { "answer to sampling", """{"jsonrpc":"2.0","id":9,"result":{"role":"assistant","content":{"type":"text","text":T},"model":"m"}}""" },
        { "answer to elicitation", """{"jsonrpc":"2.0","id":9,"result":{"action":"accept","content":{"mail":T}}}""" },
        { "error", """{"jsonrpc":"2.0","id":9,"error":{"code":-1,"message":T,"data":{"x":T}}}""" },
        { "unknown method", """{"jsonrpc":"2.0","id":1,"method":"new/thing","params":[T]}""" },
    };

    public static TheoryData<string, string> Answers => new()
    {
        { "text", """{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"x"},{"type":"text","text":T}],"isError":false}}""" },
        { "structured", """{"jsonrpc":"2.0","id":1,"result":{"content":[],"structuredContent":{"deep":[{"mail":T}]}}}""" },
        { "name in structured", """{"jsonrpc":"2.0","id":1,"result":{"content":[],"structuredContent":{T:1}}}""" },
        { "json in a text", """{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":J}]}}""" },
        { "embedded resource", """{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"resource","resource":{"uri":"file:///x","mimeType":"text/plain","text":T}},{"type":"resource_link","uri":"file:///x","name":T,"description":T}]}}""" },
        { "resource", """{"jsonrpc":"2.0","id":1,"result":{"contents":[{"uri":"file:///x","text":T}]}}""" },
        { "prompt", """{"jsonrpc":"2.0","id":1,"result":{"description":T,"messages":[{"role":"user","content":{"type":"text","text":T}}]}}""" },
        { "tool definitions", """{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"mail","description":T,"inputSchema":{"properties":{"to":{"description":T,"default":T,"enum":[T]}}}}]}}""" },
        { "instructions", """{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"x","version":T},"instructions":T}}""" },
        { "error", """{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":T,"data":{"trace":T}}}""" },
        { "tool error", """{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":T}],"isError":true}}""" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task No_place_of_a_message_to_a_server_lets_a_secret_through(string place, string message)
    {
        foreach ((string on, string disguise) in Disguises().SelectMany(disguise => ((string[])["mcp.*", "mcp.call"]).Select(on => (on, disguise))))
        {
            await SetAsync("""{"jsonrpc":"2.0","id":1,"result":{}}""", false, Redact.Replace("mcp.*", on, StringComparison.Ordinal));
            using HttpResponseMessage response = await door.PostAsync("/mcp/mcp", Fill(message, disguise));
            Assert.True(response.IsSuccessStatusCode, $"{place}: {await response.Content.ReadAsStringAsync()}");
            string sent = Assert.Single(door.Upstream.Requests).Text;
            Assert.True(!Plainly(sent).Contains("contoso", StringComparison.Ordinal) && sent.Contains("[EMAIL]", StringComparison.Ordinal), $"{place}: {sent}");
            Assert.Equal("redacted", door.Events(LlmDoor.DecisionOf(response))[0].Result);
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task No_place_of_a_message_to_a_server_is_hidden_from_a_condition(string place, string message)
    {
        foreach (string on in (string[])["mcp.*", "mcp.call"])
        {
            await SetAsync("""{"jsonrpc":"2.0","id":1,"result":{}}""", false, $"rules: [{{ id: word, on: ['{on}'], when: {{ content|contains: contoso-bank }}, then: deny }}]");
            using HttpResponseMessage response = await door.PostAsync("/mcp/mcp", Fill(message, string.Concat(Calls.Secret.Select(c => $"\\u{(int)c:x4}"))));
            Assert.True(door.Upstream.Requests.IsEmpty, place);
            CanonicalEvent only = Assert.Single(door.Events(LlmDoor.DecisionOf(response)));
            Assert.Equal(("denied", "word"), (only.Result, only.Policy!.Rule));
        }
    }

    [Theory]
    [InlineData("{ id: all, on: [mcp.call], then: deny }")]
    [InlineData("{ id: all, on: [mcp.call], when: { selection: { content|contains: approved }, condition: not selection }, then: deny }")]
    [InlineData("{ id: all, on: [mcp.call], when: { tool.name: mail }, detect: [email], then: deny }")]
    public async Task What_a_rule_says_of_every_call_or_of_one_tool_does_not_stop_other_messages(string rule)
    {
        await SetAsync("""{"jsonrpc":"2.0","id":1,"result":{}}""", false, $"rules: [{rule}]");
        foreach ((string place, string message) in Requests.Select(row => ((string)row[0], (string)row[1])).Where(row => row.Item1 is "client info" or "notification" or "answer to sampling" or "unknown method"))
        {
            using HttpResponseMessage response = await door.PostAsync("/mcp/mcp", Fill(message, Calls.Secret));
            Assert.True(response.IsSuccessStatusCode, place);
            Assert.Equal("allowed", door.Events(LlmDoor.DecisionOf(response))[0].Result);
        }
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task No_place_of_a_servers_answer_lets_a_secret_through(string place, string message)
    {
        foreach (bool streamed in (bool[])[false, true])
        {
            foreach (string disguise in Disguises())
            {
                await SetAsync(Fill(message, disguise), streamed);
                using HttpResponseMessage response = await door.PostAsync("/mcp/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mail","arguments":{}}}""");
                string answer = await response.Content.ReadAsStringAsync();
                Assert.True(!Plainly(answer).Contains("contoso", StringComparison.Ordinal) && answer.Contains("[EMAIL]", StringComparison.Ordinal), $"{place}, streamed {streamed}: {answer}");
                Assert.Equal("redacted", door.Events(LlmDoor.DecisionOf(response))[1].Result);
            }
        }
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":"s","method":"sampling/createMessage","params":{"systemPrompt":T,"messages":[{"role":"user","content":{"type":"text","text":T}}]}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":"e","method":"elicitation/create","params":{"message":T,"requestedSchema":{"properties":{"x":{"title":T}}}}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":{"deep":[T]}}}""")]
    public async Task What_a_server_says_before_its_answer_is_looked_into(string message)
    {
        foreach (string disguise in Disguises())
        {
            await SetAsync(Fill(message, disguise) + "\n\ndata: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}", true);
            using HttpResponseMessage response = await door.PostAsync("/mcp/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mail","arguments":{}}}""");
            string answer = await response.Content.ReadAsStringAsync();
            Assert.True(!Plainly(answer).Contains("contoso", StringComparison.Ordinal) && answer.Contains("[EMAIL]", StringComparison.Ordinal), answer);
        }
    }

    private async Task SetAsync(string answer, bool streamed, string policy = Redact)
    {
        await door.SetAsync(policy);
        door.Upstream.Intercept = async (context, _) =>
        {
            context.Response.ContentType = streamed ? "text/event-stream" : "application/json";
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(streamed ? $"data: {answer}\n\n" : answer));
            return true;
        };
    }

    // As it is written into a JSON string; J: into a string of JSON that is itself a string.
    private static string Fill(string template, string written)
    {
        string text = $"\"to {written} x\"", json = $"\"{{\\\"to\\\":\\\"{written.Replace("\\u", "\\\\u", StringComparison.Ordinal)}\\\"}}\"";
        return template.Replace(":T", ":" + text, StringComparison.Ordinal).Replace("[T]", "[" + text + "]", StringComparison.Ordinal).Replace("{T:", "{" + text + ":", StringComparison.Ordinal)
            .Replace(":J", ":" + json, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Disguises()
    {
        yield return Calls.Secret;
        yield return string.Concat(Calls.Secret.Select(c => $"\\u{(int)c:x4}"));
        yield return Calls.Secret.Replace("contoso", "con\u200btoso", StringComparison.Ordinal);
        yield return string.Concat(Calls.Secret.Select(c => c is '@' or '.' or '-' ? c : (char)(c + 0xFEE0)));
    }

    private static string Plainly(string text) => Regex.Unescape(Regex.Replace(text, @"\\(?!u)", "")).Replace("\u200b", "", StringComparison.Ordinal).Normalize(NormalizationForm.FormKC);
}
