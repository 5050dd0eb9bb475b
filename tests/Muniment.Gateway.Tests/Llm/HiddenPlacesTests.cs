using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Muniment.Events.Canonical;

namespace Muniment.Gateway.Tests.Llm;

/// <summary>Places beside the messages where something could hide: query strings, paths, bodies where none belong, names of members, words of the protocol, names beside values, files of calls, bounds that overflow.</summary>
[Collection(nameof(LlmDoor))]
public sealed class HiddenPlacesTests(LlmDoor door)
{
    // Random, and whole only here at run time.
    private const string CloudKey = "AKIA" + "QYLPMN5HHHFPZAM2";
    private const string CloudSecret = "k7Tz/mQ2vX9+bL4s" + "Rj1YpW8cNf3HgD6aEu5Ko0Zi";

    private const string Secrets = "rules: [{ id: secrets, on: [model.invoke, model.respond], detect: [secrets, email], then: redact }]";

    [Theory]
    [InlineData("/llm/oai/v1/responses/resp_1", "?include=jane.roe%40contoso-bank.de&x=1", "?include=%5BEMAIL%5D&x=1")]
    [InlineData("/llm/oai/v1/responses/resp_1", "?jane.roe%40contoso-bank.de", "?%5BEMAIL%5D")]
    [InlineData("/llm/oai/v1/responses/resp_1", "?q=a+jane.roe@contoso%2dbank.de+b", "?q=%5BEMAIL%5D%2Bb")]
    [InlineData("/llm/oai/v1/responses/resp_1", "?starting_after=3&include[]=a", "?starting_after=3&include[]=a")]
    [InlineData("/llm/oai/v1/responses/resp_1", "", "")]
    public async Task A_query_is_looked_into_like_any_text(string path, string query, string expected)
    {
        await door.SetAsync(Secrets);
        using HttpResponseMessage response = await door.PostAsync(path + query, "", HttpMethod.Get);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        Assert.Equal(expected, Assert.Single(door.Upstream.Requests).Query.Replace("%5B%5D", "[]", StringComparison.Ordinal));
        Assert.Equal(expected.Contains("EMAIL", StringComparison.Ordinal) ? "redacted" : "allowed", door.Events(LlmDoor.DecisionOf(response))[0].Result);
    }

    [Fact]
    public async Task A_query_passes_as_it_is_without_rules_and_is_seen_by_conditions()
    {
        await door.SetAsync(null);
        using HttpResponseMessage passed = await door.PostAsync("/llm/oai/v1/responses/resp_1?a=forbidden+word", "", HttpMethod.Get);
        Assert.Equal("?a=forbidden+word", Assert.Single(door.Upstream.Requests).Query);
        await door.SetAsync("rules: [{ id: word, on: [model.invoke], when: { content|contains: forbidden word }, then: deny }]");
        using HttpResponseMessage denied = await door.PostAsync("/llm/oai/v1/responses/resp_1?a=forbidden+word", "", HttpMethod.Get);
        Assert.Equal(HttpStatusCode.Forbidden, denied.StatusCode);
        Assert.Empty(door.Upstream.Requests);
    }

    [Theory]
    [InlineData("/llm/oai/v1/chat/completions", """{"model":"gpt-4o","messages":[{"role":"user","content":[{"type":"forbiddenword","text":"x"}]}]}""")]
    [InlineData("/llm/oai/v1/chat/completions", """{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"response_format":{"type":"forbiddenword_20250101"}}""")]
    [InlineData("/llm/oai/v1/responses", """{"model":"gpt-4o","input":[{"type":"message","object":"forbiddenword","role":"user","content":"x"}]}""")]
    [InlineData("/llm/ant/v1/messages", """{"model":"claude-opus-4","max_tokens":5,"messages":[{"role":"user","content":"x"}],"tools":[{"type":"forbiddenword","name":"t"}]}""")]
    public async Task A_type_that_no_provider_has_is_a_text(string path, string body)
    {
        await door.SetAsync("rules: [{ id: word, on: [model.invoke], when: { content|contains: forbiddenword }, then: deny }]");
        using HttpResponseMessage denied = await door.PostAsync(path, body);
        Assert.Equal(HttpStatusCode.Forbidden, denied.StatusCode);
        Assert.Empty(door.Upstream.Requests);
    }

    [Fact]
    public async Task A_data_url_as_a_name_is_looked_into()
    {
        await door.SetAsync(Secrets);
        string url = "data:text/plain;base64," + Convert.ToBase64String(Encoding.UTF8.GetBytes($"write to {Calls.Secret} now"));
        using HttpResponseMessage response = await door.PostAsync("/llm/oai/v1/chat/completions", $$$"""{"model":"gpt-4o","messages":[{"role":"user","content":"x"}],"metadata":{"{{{url}}}":"x"}}""");
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        string name = JsonDocument.Parse(Assert.Single(door.Upstream.Requests).Body).RootElement.GetProperty("metadata").EnumerateObject().Single().Name;
        Assert.Equal("write to [EMAIL] now", Encoding.UTF8.GetString(Convert.FromBase64String(name.Split(',')[1])));
    }

    [Theory]
    [InlineData("?a=%C1%A1")] // overlong UTF-8
    [InlineData("?a=%ff")]
    [InlineData("?a=%u0067")]
    public async Task A_query_that_readers_may_read_differently_is_refused_and_recorded(string query)
    {
        await door.SetAsync(Secrets);
        string raw = await Hosting.Door.RawAsync(door.Door.Http, Encoding.ASCII.GetBytes($"GET /llm/oai/v1/responses/r{query} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {door.Key}\r\nConnection: close\r\n\r\n"), halfClose: false);
        Assert.StartsWith("HTTP/1.1 400", raw);
        Assert.Empty(door.Upstream.Requests);
        string id = raw.Split("x-muniment-decision: ")[1].Split("\r\n")[0];
        Assert.True(door.Events(id)[^1] is { Result: "denied", Reason: "malformed" });
    }

    [Fact]
    public async Task A_secret_in_a_path_cannot_be_replaced_and_is_denied()
    {
        await door.SetAsync(Secrets);
        using HttpResponseMessage response = await door.PostAsync("/llm/oai/v1/files/" + CloudKey, "", HttpMethod.Get);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(door.Upstream.Requests);
        Assert.True(door.Events(LlmDoor.DecisionOf(response))[^1] is { Result: "denied", Reason: "cannot_change" });
    }

    [Theory]
    [InlineData("POST", "/llm/oai/v1/chat/completions/cmpl_1")]
    [InlineData("POST", "/llm/oai/v1/responses/resp_1/cancel")]
    [InlineData("GET", "/llm/oai/v1/models")]
    [InlineData("DELETE", "/llm/oai/v1/files/file_1")]
    public async Task A_body_where_none_belongs_is_looked_into_or_refused(string method, string path)
    {
        await door.SetAsync(Secrets);
        using (HttpResponseMessage passed = await SendAsync(method, path, $"{{\"metadata\":{{\"note\":\"{Calls.Secret}\"}}}}", "application/json"))
        {
            Assert.DoesNotContain("contoso", Assert.Single(door.Upstream.Requests).Text);
            Assert.Equal("redacted", door.Events(LlmDoor.DecisionOf(passed))[0].Result);
        }

        door.Upstream.Requests.Clear();
        using HttpResponseMessage refused = await SendAsync(method, path, "note=" + Calls.Secret, "application/x-www-form-urlencoded");
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Empty(door.Upstream.Requests);
    }

    [Fact]
    public async Task What_is_read_as_json_in_utf8_is_called_so_upstream()
    {
        await door.SetAsync(null);
        using HttpResponseMessage response = await SendAsync("POST", Calls.Path("chat"), Calls.Body("chat", "none", "", false), "application/json; charset=utf-7");
        Assert.True(response.IsSuccessStatusCode, string.Join(";", door.Upstream.Refused));
        Assert.Equal("application/json", Assert.Single(door.Upstream.Requests).Headers["content-type"]);
    }

    [Theory]
    [InlineData("""{"INSERT":1}""")] // the name of an argument
    [InlineData("""{"type":"INSERT"}""")] // the value of a word that the protocol has elsewhere
    [InlineData("""{"role":"INSERT"}""")]
    [InlineData("""{"object":{"model":"INSERT"}}""")]
    [InlineData("""{"thinking":"INSERT"}""")]
    [InlineData("""{"a":[{"INSERT":[]}]}""")]
    public async Task Arguments_that_are_objects_hide_nothing_in_names_and_words(string input)
    {
        await door.SetAsync(Secrets);
        string body = $$$"""
            {"model":"claude-x","max_tokens":1,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{{{input.Replace("INSERT", CloudKey, StringComparison.Ordinal)}}}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"ok"}]}]}
            """;
        await AssertGoneAsync(Calls.Path("messages"), body);
        await AssertGoneAsync("/mcp/mcp", $$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"f","arguments":{{{input.Replace("INSERT", CloudKey, StringComparison.Ordinal)}}}} }""");
    }

    [Theory]
    [InlineData("""{"model":"claude-x","max_tokens":1,"messages":[{"role":"user","content":"x"}],"thinking":"INSERT"}""")]
    [InlineData("""{"model":"claude-x","max_tokens":1,"messages":[{"role":"user","content":"x"}],"metadata":{"thinking":"INSERT"}}""")]
    [InlineData("""{"model":"claude-x","max_tokens":1,"messages":[{"role":"user","content":"x","type":"INSERT"}]}""")]
    [InlineData("""{"model":"claude-x","max_tokens":1,"messages":[{"role":"user","content":"x"}],"INSERT":1}""")]
    [InlineData("""{"model":"INSERT","max_tokens":1,"messages":[{"role":"user","content":"x"}]}""")]
    public async Task Nothing_hides_behind_a_name_of_the_protocol(string body)
    {
        await door.SetAsync(Secrets);
        await AssertGoneAsync(Calls.Path("messages"), body.Replace("INSERT", CloudKey, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/llm/ant/v1/messages", """{"model":"claude-x","max_tokens":1,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"aws_secret_access_key":"INSERT"}}]},{"role":"user","content":"y"}]}""")]
    [InlineData("/mcp/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"f","arguments":{"aws_secret_access_key":"INSERT"}}}""")]
    public async Task The_name_beside_a_value_says_what_it_is(string path, string body)
    {
        await door.SetAsync("rules: [{ id: secrets, on: [model.invoke, mcp.call], detect: [secrets], then: redact }]");
        using HttpResponseMessage response = await door.PostAsync(path, body.Replace("INSERT", CloudSecret, StringComparison.Ordinal));
        string sent = Assert.Single(door.Upstream.Requests).Text;
        Assert.DoesNotContain(CloudSecret, sent);
        Assert.Contains("\"aws_secret_access_key\":\"[AWS_SECRET_KEY]\"", sent);
        Assert.Equal("redacted", door.Events(LlmDoor.DecisionOf(response))[0].Result);
    }

    [Theory]
    [InlineData("""{"model":"o3","messages":[{"role":"forbiddenword","content":"x"}]}""")]
    [InlineData("""{"model":"o3","messages":[{"role":"user","content":"x"}],"logit_bias":{"forbiddenword":1}}""")]
    [InlineData("""{"model":"o3","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"forbiddenword":{"type":"string"}}}}}]}""")]
    [InlineData("""{"model":"o3","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"$defs":{"forbiddenword":{"type":"string"}}}}}]}""")]
    public async Task A_word_hides_in_no_name_that_the_caller_makes(string body)
    {
        await door.SetAsync("rules: [{ id: word, on: [model.invoke], when: { content|contains: forbiddenword }, then: deny }]");
        using HttpResponseMessage response = await door.PostAsync(Calls.Path("chat"), body);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Empty(door.Upstream.Requests);
    }

    [Theory]
    [InlineData("""["gpt-4o"]""")]
    [InlineData("7")]
    [InlineData("\" gpt-4o\"")]
    [InlineData("\"\\u200bgpt-4o\"")]
    [InlineData("\"gpt-4o\\n\"")]
    public async Task A_model_that_is_not_plainly_named_is_refused(string model)
    {
        await door.SetAsync("rules: [{ id: models, on: [model.invoke], when: { model.requested|startswith: gpt-4 }, then: deny }]");
        string messages = "\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]";
        foreach ((string path, string body) in new[] { (Calls.Path("chat"), $"{{\"model\":{model},{messages}}}"), ("/llm/ant/v1/messages/batches", $"{{\"requests\":[{{\"custom_id\":\"a\",\"params\":{{\"model\":{model},{messages}}}}}]}}") })
        {
            using HttpResponseMessage response = await door.PostAsync(path, body);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Empty(door.Upstream.Requests);
            Assert.Equal("malformed", door.Events(LlmDoor.DecisionOf(response))[^1].Reason);
        }
    }

    [Theory]
    [InlineData("\"models\":[\"o3\",\"gpt-4o\"]")]
    [InlineData("\"fallbacks\":[{\"model\":\"gpt-4o\"}]")]
    [InlineData("\"fallbacks\":[\"gpt-4o\"]")]
    [InlineData("\"context_window_fallbacks\":[{\"o3\":[\"gpt-4o\"]}]")]
    [InlineData("\"tools\":[{\"type\":\"image_generation\",\"model\":\"gpt-4o\"}]")]
    public async Task Models_that_are_to_take_the_place_of_the_first_are_decided_too(string others)
    {
        await door.SetAsync("rules: [{ id: models, on: [model.invoke], when: { model.requested|startswith: gpt-4 }, then: deny }]");
        using HttpResponseMessage denied = await door.PostAsync(Calls.Path("chat"), $"{{\"model\":\"o3\",{others},\"messages\":[{{\"role\":\"user\",\"content\":\"x\"}}]}}");
        Assert.Equal(HttpStatusCode.Forbidden, denied.StatusCode);
        Assert.Empty(door.Upstream.Requests);
    }

    [Theory]
    [InlineData("/llm/oai/v1/chat/completions", """{"Model":"gpt-4o","messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("/llm/oai/v1/chat/completions", """{"model":"o3","MODEL":"gpt-4o","messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("/llm/oai/v1/chat/completions", """{"model":"o3","m\u004fdel":"gpt-4o","messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("/llm/oai/v1/chat/completions", """{"model":"o3","max_to\u212Aens":99999,"messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("/llm/oai/v1/chat/completions", """{"model":"o3","toolſ":[],"messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("/llm/ant/v1/messages/batches", """{"requests":[{"custom_id":"a","params":{"model":"o3","Model":"gpt-4o","max_tokens":1,"messages":[]}}]}""")]
    [InlineData("/llm/oai/v1/chat/completions?Mo%64el=gpt-4o", """{"model":"o3","messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("/mcp/mcp", """{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call","params":{"name":"x"}}""")]
    [InlineData("/mcp/mcp", """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","Name":"shell"}}""")]
    public async Task What_readers_may_take_for_another_model_or_tool_is_refused(string path, string body)
    {
        await door.SetAsync("rules: [{ id: models, on: [model.invoke], when: { model.requested|startswith: gpt-4 }, then: deny }, { id: shell, on: [mcp.call], when: { tool.name: shell }, then: deny }]");
        using HttpResponseMessage response = await door.PostAsync(path, body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Empty(door.Upstream.Requests);
        Assert.True(door.Events(LlmDoor.DecisionOf(response))[^1] is { Result: "denied", Reason: "malformed" });
    }

    [Theory]
    [InlineData("rules: [{ id: mail, on: [model.respond], detect: [email], then: redact }]", HttpStatusCode.BadRequest)]
    [InlineData("rules: [{ id: word, on: [model.respond], when: { content|contains: contoso }, then: deny }]", HttpStatusCode.BadRequest)]
    [InlineData(null, HttpStatusCode.OK)]
    public async Task A_stream_is_not_taken_up_in_the_middle_of_what_detectors_look_for(string? policy, HttpStatusCode expected)
    {
        await door.SetAsync(policy);
        door.Upstream.Intercept = async (context, _) =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.WriteAsync("event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"status\":\"completed\",\"output\":[]}}\n\n"u8.ToArray());
            return true;
        };
        using HttpResponseMessage response = await door.PostAsync("/llm/oai/v1/responses/resp_1?stream=true&starting%5Fafter=3", "", HttpMethod.Get, ("Range", "bytes=10-"));
        Assert.Equal(expected, response.StatusCode);
        await response.Content.ReadAsStringAsync();
        Assert.False(Assert.Single(door.Upstream.Requests).Headers.ContainsKey("range"));
        Assert.Equal(2, door.Events(LlmDoor.DecisionOf(response)).Count);
    }

    [Theory]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"INSERT\"\r\n\r\nx\r\n--b--\r\n", true)]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"INSERT.txt\"\r\n\r\nx\r\n--b--\r\n", true)]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\nINSERT", false)]
    [InlineData("INSERT\r\n--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b--\r\n", false)]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\nQUtJQVFZTFBNTjVISEhGUFpBTTI=\r\n--b--\r\n", false)]
    [InlineData("INSERT", false)]
    public async Task An_upload_hides_nothing_in_names_and_around_its_parts(string body, bool passes)
    {
        await door.SetAsync(Secrets);
        using HttpResponseMessage response = await SendAsync("POST", "/llm/oai/v1/files", body.Replace("INSERT", CloudKey, StringComparison.Ordinal), "multipart/form-data; boundary=b");
        Assert.Equal(passes ? HttpStatusCode.OK : HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(passes ? 1 : 0, door.Upstream.Requests.Count);
        Assert.DoesNotContain(door.Upstream.Requests, sent => sent.Text.Contains(CloudKey, StringComparison.Ordinal));
        Assert.Equal(passes ? "redacted" : "denied", door.Events(LlmDoor.DecisionOf(response))[passes ? 0 : ^1].Result);
    }

    [Fact]
    public async Task Models_that_are_asked_for_in_a_file_of_calls_are_decided_one_by_one()
    {
        await door.SetAsync("rules: [{ id: models, on: [model.invoke], when: { model.requested|startswith: gpt-4 }, then: deny, reason: not on the list }]");
        using (HttpResponseMessage passed = await UploadAsync(Line("o3") + Line("o3-mini")))
        {
            Assert.True(passed.IsSuccessStatusCode);
        }

        door.Upstream.Requests.Clear();
        using HttpResponseMessage denied = await UploadAsync(Line("o3") + Line("gpt-4o"));
        Assert.Equal(HttpStatusCode.Forbidden, denied.StatusCode);
        Assert.Empty(door.Upstream.Requests);
        CanonicalEvent e = Assert.Single(door.Events(LlmDoor.DecisionOf(denied)));
        Assert.Equal(("denied", "gpt-4o"), (e.Result, e.Model!.Requested));
    }

    [Fact]
    public async Task A_change_reaches_each_call_of_a_batch_and_what_lies_in_a_file_is_not_let_through_unchanged()
    {
        await door.SetAsync("rules: [{ id: cap, on: [model.invoke], then: modify, set: { max_tokens: 16, tools_remove: [ma*] } }]");
        using HttpResponseMessage batch = await door.PostAsync("/llm/ant/v1/messages/batches", """
            {"requests":[{"custom_id":"a","params":{"model":"m","max_tokens":999,"tools":[{"name":"mail","input_schema":{}},{"name":"x","input_schema":{}}],"messages":[]}},{"custom_id":"b","params":{"model":"m","messages":[]}}]}
            """);
        Assert.True(batch.IsSuccessStatusCode, await batch.Content.ReadAsStringAsync());
        JsonElement[] calls = [.. door.Upstream.LastBody.GetProperty("requests").EnumerateArray().Select(r => r.GetProperty("params"))];
        Assert.Equal([16, 16], calls.Select(c => c.GetProperty("max_tokens").GetInt32()));
        Assert.Equal("x", Assert.Single(calls[0].GetProperty("tools").EnumerateArray()).GetProperty("name").GetString());
        Assert.False(door.Upstream.LastBody.TryGetProperty("max_tokens", out _));

        door.Upstream.Requests.Clear();
        using HttpResponseMessage file = await UploadAsync(Line("o3"));
        Assert.Equal(HttpStatusCode.Forbidden, file.StatusCode);
        Assert.Empty(door.Upstream.Requests);

        using HttpResponseMessage started = await door.PostAsync("/llm/oai/v1/batches", """{"input_file_id":"file_1","endpoint":"/v1/responses","completion_window":"24h"}""");
        Assert.True(started.IsSuccessStatusCode);
        Assert.DoesNotContain("max_tokens", Assert.Single(door.Upstream.Requests).Text);
    }

    [Theory]
    [InlineData("/llm/oai/v1/chat/completions", """{"model":"m","max_tokens":9223372036854775807,"n":128,"messages":[{"role":"user","content":"x"}]}""")]
    [InlineData("/llm/ant/v1/messages/batches", """{"requests":[{"custom_id":"a","params":{"model":"m","max_tokens":600,"messages":[]}},{"custom_id":"b","params":{"model":"m","max_tokens":600,"messages":[]}}]}""")]
    public async Task A_token_limit_reserves_for_huge_bounds_and_for_all_calls_of_a_batch(string path, string body)
    {
        string limit = "t" + Guid.NewGuid().ToString("N")[..8];
        await door.SetAsync($"rules: []\nlimits: [{{ id: {limit}, per: key, tokens: 1000, window: 1d, then: deny }}]");
        using HttpResponseMessage response = await door.PostAsync(path, body);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Empty(door.Upstream.Requests);
    }

    private static string Line(string model) => $$$"""{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"{{{model}}}","messages":[{"role":"user","content":"x"}]} }""" + "\n";

    private async Task AssertGoneAsync(string path, string body)
    {
        door.Upstream.Requests.Clear();
        await door.SetAsync(path.StartsWith("/mcp", StringComparison.Ordinal) ? Secrets.Replace("model.invoke", "mcp.call", StringComparison.Ordinal) : Secrets);
        using HttpResponseMessage response = await door.PostAsync(path, body);
        string sent = Assert.Single(door.Upstream.Requests).Text;
        Assert.DoesNotContain(CloudKey, sent);
        CanonicalEvent invoke = door.Events(LlmDoor.DecisionOf(response))[0];
        Assert.Equal("redacted", invoke.Result);

        // The record has digests of contents, and pointers to them that are no contents either.
        Assert.DoesNotContain(CloudKey, Encoding.UTF8.GetString(invoke.Details.Span) + Encoding.UTF8.GetString(invoke.Decision.Span));
    }

    private async Task<HttpResponseMessage> UploadAsync(string lines)
    {
        using var form = new MultipartFormDataContent { { new StringContent("batch"), "purpose" }, { new ByteArrayContent(Encoding.UTF8.GetBytes(lines)), "file", "batch.jsonl" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/llm/oai/v1/files") { Content = form };
        request.Headers.TryAddWithoutValidation("x-api-key", door.Key);
        return await door.Client.SendAsync(request);
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string body, string type)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } } };
        request.Headers.TryAddWithoutValidation("x-api-key", door.Key);
        return await door.Client.SendAsync(request);
    }
}
