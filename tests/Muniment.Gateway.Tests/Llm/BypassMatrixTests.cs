using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Muniment.Events.Canonical;
using Muniment.Testing.Upstreams;

namespace Muniment.Gateway.Tests.Llm;

/// <summary>No place of a request and none of an answer is a way round: what a rule redacts reaches neither the upstream nor the client, and what it denies does not pass.</summary>
[Collection(nameof(LlmDoor))]
public sealed class BypassMatrixTests(LlmDoor door)
{
    public static TheoryData<string, bool, string> Requests()
    {
        var data = new TheoryData<string, bool, string>();
        foreach (string api in (string[])["chat", "responses", "messages"])
        {
            foreach (string place in Calls.Places)
            {
                data.Add(api, false, place);
                data.Add(api, true, place);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task No_place_of_a_request_lets_a_secret_through(string api, bool streamed, string place)
    {
        await door.SetAsync(Calls.Redact);
        foreach (string disguise in Disguises(Calls.Secret))
        {
            string body = Calls.Body(api, place, "\u0001", streamed).Replace(@"\\u0001", disguise.Replace(@"\", @"\\"), StringComparison.Ordinal).Replace(@"\u0001", disguise, StringComparison.Ordinal);
            using HttpResponseMessage response = await door.PostAsync(Calls.Path(api), body);
            string answer = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, answer + string.Join(";", door.Upstream.Refused));
            string sent = Regex.Unescape(Regex.Replace(door.Upstream.Requests.Last().Text, @"\\(?!u)", ""));
            Assert.DoesNotContain("contoso-bank", Plain(sent));
            Assert.Contains("[EMAIL]", sent);
            CanonicalEvent invoke = door.Events(LlmDoor.DecisionOf(response))[0];
            Assert.Equal("redacted", invoke.Result);
            Assert.Contains("\"EMAIL\":1", Encoding.UTF8.GetString(invoke.Decision.Span));
        }

        Assert.Empty(door.Upstream.Refused);
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task No_place_of_a_request_is_hidden_from_a_condition(string api, bool streamed, string place)
    {
        await door.SetAsync("rules: [{ id: word, on: [model.invoke], when: { content|contains: forbiddenword }, then: deny }]");
        foreach (string word in (string[])[@"forbid\u0064enword", "forbid\u200bdenword", "ｆｏｒｂｉｄｄｅｎｗｏｒｄ"])
        {
            string body = Calls.Body(api, place, "\u0001", streamed).Replace(@"\\u0001", word.Replace(@"\", @"\\"), StringComparison.Ordinal).Replace(@"\u0001", word, StringComparison.Ordinal);
            using HttpResponseMessage response = await door.PostAsync(Calls.Path(api), body);
            Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
            Assert.Contains("policy_denied", await response.Content.ReadAsStringAsync());
            Assert.Empty(door.Upstream.Requests);
            CanonicalEvent only = Assert.Single(door.Events(LlmDoor.DecisionOf(response)));
            Assert.Equal(("denied", "word", "guard"), (only.Result, only.Policy!.Rule, only.Policy.Id));
        }
    }

    public static TheoryData<string, bool, string, int> Answers()
    {
        var data = new TheoryData<string, bool, string, int>();
        foreach (string api in (string[])["chat", "responses", "messages"])
        {
            foreach (string place in (string[])["text", "refusal", "reasoning", "arguments"])
            {
                data.Add(api, false, place, 1);
                data.Add(api, true, place, 1);
            }
        }

        data.Add("chat", false, "text", 2);
        data.Add("chat", true, "text", 2);
        return data;
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task No_place_of_an_answer_lets_a_secret_through(string api, bool streamed, string place, int n)
    {
        string text = $"write to {Calls.Secret} or {Calls.Secret}, soon";
        foreach (int fragment in (int[])[1, 3, 7, 1000])
        {
            await door.SetAsync(Calls.Redact, new FakeAnswer
            {
                Fragment = fragment,
                Text = place is "text" ? text : "fine",
                Refusal = place is "refusal" ? text : null,
                Reasoning = place is "reasoning" ? text : null,
                Arguments = place is "arguments" ? $"{{\"to\":\"{Calls.Secret}\",\"cc\":\"\\u006a{Calls.Secret[1..]}\"}}" : null,
            });
            using HttpResponseMessage response = await door.PostAsync(Calls.Path(api), Calls.Body(api, "none", "", streamed, n));
            string answer = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, answer);
            Assert.DoesNotContain("contoso", answer);
            Assert.DoesNotContain("jane.roe", answer);
            if (api is not "messages" || place is not "reasoning")
            {
                Assert.Contains("[EMAIL]", answer);
            }

            IReadOnlyList<CanonicalEvent> events = door.Events(LlmDoor.DecisionOf(response));
            Assert.Equal(["model.invoke", "model.respond"], events.Select(e => e.Action));
            Assert.Equal("redacted", events[1].Result);
            Assert.Equal((40L, 60L, 20L), (events[1].Usage!.Input, events[1].Usage!.CacheRead, events[1].Usage!.Output));
        }
    }

    [Theory]
    [InlineData("chat", true)]
    [InlineData("chat", false)]
    [InlineData("responses", true)]
    [InlineData("responses", false)]
    [InlineData("messages", true)]
    [InlineData("messages", false)]
    public async Task An_answer_that_a_rule_denies_is_not_shown_in_part(string api, bool streamed)
    {
        await door.SetAsync("rules: [{ id: leak, on: [model.respond], when: { content|contains: codename falcon }, then: deny, reason: internal }]", new FakeAnswer { Text = "It is the codename falcon, of course." });
        using HttpResponseMessage response = await door.PostAsync(Calls.Path(api), Calls.Body(api, "none", "", streamed));
        string answer = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.DoesNotContain("falcon", answer);
        Assert.DoesNotContain("It is", answer);
        IReadOnlyList<CanonicalEvent> events = door.Events(LlmDoor.DecisionOf(response));
        Assert.Equal(["allowed", "denied"], events.Select(e => e.Result));
        Assert.Equal("leak", events[1].Policy!.Rule);
    }

    [Theory]
    [InlineData("/llm/oai/v1/completions", """{"model":"m","prompt":"mail SECRET"}""")]
    [InlineData("/llm/oai/v1/completions", """{"model":"m","prompt":["a","mail SECRET"],"stream":true}""")]
    [InlineData("/llm/oai/v1/embeddings", """{"model":"m","input":["a","mail SECRET"]}""")]
    [InlineData("/llm/oai/v1/moderations", """{"model":"m","input":"mail SECRET"}""")]
    [InlineData("/llm/ant/v1/messages/count_tokens", """{"model":"m","messages":[{"role":"user","content":"mail SECRET"}]}""")]
    [InlineData("/llm/ant/v1/messages/batches", """{"requests":[{"custom_id":"a","params":{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"mail SECRET"}]}}]}""")]
    [InlineData("/llm/oai/v1/responses", """{"model":"m","background":true,"input":"mail SECRET"}""")]
    [InlineData("/llm/oai/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"metadata":{"k":"mail SECRET"}}""")]
    [InlineData("/llm/oai/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x"}],"not_yet_known":{"k":["mail SECRET"]}}""")]
    [InlineData("/llm/oai/v1/chat/completions", """{"model":"m","messages":[{"role":"user","content":"x","mail SECRET":1}]}""")]
    [InlineData("/llm/oai/v1/chat/completions", """{"model":"m","messages":[{"role":"tool","tool_call_id":"c","content":"{\"deep\":\"{\\\"to\\\":\\\"mail SECRET\\\"}\"}"}]}""")]
    public async Task Other_surfaces_are_no_way_round(string path, string body)
    {
        await door.SetAsync(Calls.Redact);
        using HttpResponseMessage response = await door.PostAsync(path, body.Replace("SECRET", Calls.Secret, StringComparison.Ordinal));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync() + string.Join(";", door.Upstream.Refused));
        string sent = Assert.Single(door.Upstream.Requests).Text;
        Assert.DoesNotContain("contoso", sent);
        Assert.Contains("[EMAIL]", sent);
        Assert.Equal("redacted", door.Events(LlmDoor.DecisionOf(response))[0].Result);
    }

    [Theory]
    [InlineData("/llm/oai/v1/responses/resp_1")]
    [InlineData("/llm/oai/v1/files/file_1/content")]
    [InlineData("/llm/ant/v1/messages/batches/b/results")]
    public async Task What_is_kept_upstream_is_redacted_when_it_is_fetched(string path)
    {
        await door.SetAsync(Calls.Redact, new FakeAnswer { Text = "write to " + Calls.Secret });
        using HttpResponseMessage response = await door.PostAsync(path, "", HttpMethod.Get);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, answer);
        Assert.DoesNotContain("contoso", answer);
        Assert.Contains("[EMAIL]", answer);
    }

    [Fact]
    public async Task An_uploaded_file_of_calls_is_redacted_and_one_that_is_no_text_is_said_to_be_unseen()
    {
        await door.SetAsync(Calls.Redact);
        using var form = new MultipartFormDataContent
        {
            { new StringContent("batch"), "purpose" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes($"{{\"custom_id\":\"a\",\"body\":{{\"messages\":[{{\"role\":\"user\",\"content\":\"mail {Calls.Secret}\"}}]}}}}\n{{}}\n")), "file", "batch.jsonl" },
            { new ByteArrayContent([0, 1, 2, 0xFF]), "image", "x.png" },
        };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/llm/oai/v1/files") { Content = form };
        request.Headers.TryAddWithoutValidation("x-api-key", door.Key);
        using HttpResponseMessage response = await door.Client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        string sent = Assert.Single(door.Upstream.Requests).Text;
        Assert.DoesNotContain("contoso", sent);
        Assert.Contains("mail [EMAIL]", sent);
        Assert.Contains("name=purpose", sent.Replace("\"", ""));
        Assert.Contains("{\"pointer\":\"/image\",\"why\":\"image\"}", Encoding.UTF8.GetString(door.Events(LlmDoor.DecisionOf(response))[0].Decision.Span));
    }

    [Theory]
    [InlineData("/llm/oai/v1/images/generations")]
    [InlineData("/llm/oai/v1/audio/speech")]
    [InlineData("/llm/oai/v2/anything")]
    public async Task Unknown_paths_pass_only_where_policy_says_so_and_the_record_says_that_nobody_looked(string path)
    {
        await door.SetAsync(null);
        using (HttpResponseMessage refused = await door.PostAsync(path, "{}"))
        {
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Empty(door.Upstream.Requests);
            Assert.Contains("not_covered", Encoding.UTF8.GetString(Assert.Single(door.Events(LlmDoor.DecisionOf(refused))).Decision.Span));
        }

        await door.SetAsync("uncovered: allow\nrules: []");
        using HttpResponseMessage passed = await door.PostAsync(path, "{}");
        Assert.Equal("raw Hello there, all is well.", await passed.Content.ReadAsStringAsync());
        Assert.All(door.Events(LlmDoor.DecisionOf(passed)), e => Assert.Contains("unknown_event", Encoding.UTF8.GetString(e.Decision.Span)));
    }

    [Theory]
    [InlineData("/llm/oai/v1/%63hat/completions")]
    [InlineData("/llm/oai/v1//chat/completions")]
    [InlineData("/llm/oai/v1/chat/completions/")]
    [InlineData("/llm/oai/v1/x/../chat/completions")]
    public async Task A_path_written_so_that_readers_may_disagree_is_refused(string path)
    {
        await door.SetAsync("uncovered: allow\nrules: []");
        string raw = await Hosting.Door.RawAsync(door.Door.Http, Encoding.ASCII.GetBytes($"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {door.Key}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"), halfClose: false);
        Assert.StartsWith("HTTP/1.1 404", raw);
        Assert.Empty(door.Upstream.Requests);
    }

    [Fact]
    public async Task A_websocket_is_refused_in_a_sentence()
    {
        string raw = await Hosting.Door.RawAsync(door.Door.Http, Encoding.ASCII.GetBytes(
            $"GET /llm/oai/v1/realtime HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {door.Key}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"), halfClose: false, last: "WebSocket");
        Assert.StartsWith("HTTP/1.1 501", raw);
        Assert.Contains("WebSocket", raw);
    }

    // As it is written into a JSON string: plain, escaped, with characters that nobody sees, in fullwidth letters.
    private static IEnumerable<string> Disguises(string secret)
    {
        yield return secret;
        yield return string.Concat(secret.Select(c => $"\\u{(int)c:x4}"));
        yield return secret.Replace("contoso", "con\u200btoso", StringComparison.Ordinal);
        yield return string.Concat(secret.Select(c => c is '@' or '.' or '-' ? c : (char)(c + 0xFEE0)));
    }

    private static string Plain(string text) => text.Replace("\u200b", "", StringComparison.Ordinal).Normalize(NormalizationForm.FormKC);
}
