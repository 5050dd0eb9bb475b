using System.Text;
using Muniment.Events.Canonical;

namespace Muniment.Gateway.Tests.Llm;

/// <summary>What of a client's headers goes upstream, and what is looked into.</summary>
[Collection(nameof(LlmDoor))]
public sealed class HeaderTests(LlmDoor door)
{
    private const string Redact = "rules: [{ id: mail, on: [model.invoke, mcp.call], detect: [email], then: redact }]";

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("mcp")]
    public async Task Secrets_of_the_client_and_what_is_meant_for_the_gateway_stay_here(string api)
    {
        await door.SetAsync(null);
        string[] kept = ["Proxy-Authorization", "api-key", "x-goog-api-key", "Cookie", "x-muniment-tenant", "x-muniment-anything", "X-Forwarded-For", "X-Forwarded-Prefix", "Forwarded", "Via", "X-Real-IP", "Origin", "X-HTTP-Method-Override", "X-Original-URL", "Keep-Alive", "X-Of-This-Hop"];
        using HttpResponseMessage response = await PostAsync(api, [.. kept.Select(name => (name, name is "x-muniment-tenant" ? "default" : "secret-1")), ("Connection", "X-Of-This-Hop"), ("anthropic-beta", "b1"), ("x-own", "fine"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync() + string.Join(";", door.Upstream.Refused));
        IReadOnlyDictionary<string, string> sent = Assert.Single(door.Upstream.Requests).Headers;
        Assert.DoesNotContain(kept, name => sent.ContainsKey(name.ToLowerInvariant()));
        Assert.DoesNotContain(sent, header => header.Value.Contains("secret-1", StringComparison.Ordinal) || header.Value.Contains(door.Key, StringComparison.Ordinal));
        Assert.Equal(("b1", "fine"), (sent["anthropic-beta"], sent["x-own"]));
        Assert.Contains("traceparent", sent.Keys);
    }

    [Theory]
    [InlineData("x-model")]
    [InlineData("x.model")]
    [InlineData("Router-Model-Override")]
    [InlineData("model")]
    public async Task A_model_in_a_header_is_refused_and_recorded(string name)
    {
        await door.SetAsync(null);
        using HttpResponseMessage refused = await PostAsync("chat", [(name, "o3")]);
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Empty(door.Upstream.Requests);
        Assert.True(door.Events(LlmDoor.DecisionOf(refused))[^1] is { Result: "denied", Reason: "malformed" });
        using HttpResponseMessage passed = await PostAsync("chat", [("x-remodelled", "o3"), ("x-muniment-model", "o3")]);
        Assert.True(passed.IsSuccessStatusCode, await passed.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    [InlineData("mcp")]
    public async Task A_header_that_no_sdk_sends_is_a_text(string api)
    {
        await door.SetAsync(Redact);
        using (HttpResponseMessage response = await PostAsync(api, [("x-note", $"for {Calls.Secret} only"), ("baggage", "user=" + Calls.Secret)]))
        {
            IReadOnlyDictionary<string, string> sent = Assert.Single(door.Upstream.Requests).Headers;
            Assert.Equal(("for [EMAIL] only", "user=[EMAIL]"), (sent["x-note"], sent["baggage"]));
            CanonicalEvent invoke = door.Events(LlmDoor.DecisionOf(response))[0];
            Assert.Equal("redacted", invoke.Result);
            Assert.Contains("/headers/x-note", Encoding.UTF8.GetString(invoke.Decision.Span));
        }

        await door.SetAsync("rules: [{ id: word, on: [model.invoke, mcp.call], when: { content|contains: forbiddenword }, then: deny }]");
        foreach ((string, string) header in ((string, string)[])[("x-note", "a forbiddenword"), ("x-forbiddenword", "1"), ("User-Agent", new string('a', 600) + "forbiddenword")])
        {
            using HttpResponseMessage denied = await PostAsync(api, [header]);
            Assert.Empty(door.Upstream.Requests);
            Assert.Equal("denied", Assert.Single(door.Events(LlmDoor.DecisionOf(denied))).Result);
        }
    }

    private Task<HttpResponseMessage> PostAsync(string api, (string, string)[] headers) => api is "mcp"
        ? door.PostAsync("/mcp/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"mail","arguments":{}}}""", headers: headers)
        : door.PostAsync(Calls.Path(api), Calls.Body(api, "none", "", false), headers: headers);
}
