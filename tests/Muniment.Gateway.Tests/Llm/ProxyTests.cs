using System.Net;
using System.Text;
using System.Text.Json;

using Muniment.Events.Canonical;
using Muniment.Messages.Journal;
using Muniment.Testing.Upstreams;

namespace Muniment.Gateway.Tests.Llm;

/// <summary>Calls that pass, are changed, denied, or go wrong: what client, upstream and record see.</summary>
[Collection(nameof(LlmDoor))]
public sealed class ProxyTests(LlmDoor door)
{
    private static readonly TimeSpan Unwritable = TimeSpan.FromMilliseconds(Muniment.Gateway.Deciding.DecisionLog.UnwritableMs + 1);

    [Theory]
    [InlineData("chat", false)]
    [InlineData("chat", true)]
    [InlineData("responses", false)]
    [InlineData("responses", true)]
    [InlineData("messages", false)]
    [InlineData("messages", true)]
    public async Task A_call_passes_with_the_upstreams_credential_and_leaves_two_events_under_one_id(string api, bool streamed)
    {
        await door.SetAsync(null);
        string body = Calls.Body(api, "none", "", streamed);
        using HttpResponseMessage response = await door.PostAsync(Calls.Path(api), body, headers: [("x-request-id", "mine-1"), ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, answer + string.Join(";", door.Upstream.Refused));
        Assert.Empty(door.Upstream.Refused);
        Assert.Contains("Hello", answer);
        string id = LlmDoor.DecisionOf(response);
        Assert.Equal(id, response.Headers.GetValues("x-request-id").Single());
        Assert.Equal(id, response.Headers.GetValues("request-id").Single());
        Assert.Equal("req_upstream_1", response.Headers.GetValues("x-upstream-request-id").Single());
        string sent = door.Upstream.Requests.Single().Text;
        Assert.Equal(api is "chat" && streamed, sent != body); // only the usage is asked for
        Assert.DoesNotContain("prompt_tokens", api is "chat" && streamed ? answer : "");
        IReadOnlyList<CanonicalEvent> events = door.Events(id);
        Assert.Equal(["model.invoke", "model.respond"], events.Select(e => e.Action));
        Assert.Equal(["allowed", "allowed"], events.Select(e => e.Result));
        Assert.All(events, e => Assert.Equal(("mine-1", "0af7651916cd43dd8448eb211c80319c"), (e.Trace!.Request, e.Trace.TraceId)));
        UsagePart usage = events[1].Usage!;
        Assert.Equal((40L, 60L, 20L), (usage.Input, usage.CacheRead, usage.Output));
        Assert.StartsWith(events[0].Model!.Requested + "-202", events[1].Model!.Served);
    }

    [Theory]
    [InlineData("chat")]
    [InlineData("messages")]
    public async Task A_denied_model_is_403_in_the_shape_of_the_sdk_and_a_used_up_budget_429_that_says_not_to_retry(string api)
    {
        await door.SetAsync("rules: [{ id: models, on: [model.invoke], when: { model.requested|startswith: [gpt-4, claude] }, then: deny, reason: not on the list }]");
        using HttpResponseMessage denied = await door.PostAsync(Calls.Path(api), Calls.Body(api, "none", "", false));
        Assert.Equal(HttpStatusCode.Forbidden, denied.StatusCode);
        AssertError(api, await denied.Content.ReadAsStringAsync(), "policy_denied", "permission_error", "not on the list");
        Assert.Empty(door.Upstream.Requests);

        await door.SetAsync($"rules: []\nlimits: [{{ id: few-{api}, per: key, calls: 2, window: 1d, then: deny, on: [model.invoke] }}]");
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage passed = await door.PostAsync(Calls.Path(api), Calls.Body(api, "none", "", false));
            Assert.True(passed.IsSuccessStatusCode);
        }

        using HttpResponseMessage over = await door.PostAsync(Calls.Path(api), Calls.Body(api, "none", "", false));
        Assert.Equal(HttpStatusCode.TooManyRequests, over.StatusCode);
        Assert.Equal("false", over.Headers.GetValues("x-should-retry").Single());
        AssertError(api, await over.Content.ReadAsStringAsync(), "policy_denied", "rate_limit_error", "guard");
        Assert.Equal("few-" + api, Assert.Single(door.Events(LlmDoor.DecisionOf(over))).Policy!.Rule);
    }

    [Fact]
    public async Task Patterns_of_one_name_in_two_rules_are_all_looked_for()
    {
        await door.SetAsync("""
            rules:
              - { id: a, on: [model.invoke], detect: [{ id: badge, re: 'BADGE-[0-9]{4}' }], then: redact }
              - { id: b, on: [model.invoke], detect: [{ id: badge, re: 'EMP-[0-9]{4}' }], then: redact }
            """);
        using HttpResponseMessage response = await door.PostAsync(Calls.Path("chat"), Calls.Body("chat", "last", "BADGE-1234 and EMP-5678", false));
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        string sent = door.Upstream.Requests.Single().Text;
        Assert.Contains("before [BADGE] and [BADGE] after", sent);
        Assert.DoesNotContain("1234", sent);
        Assert.DoesNotContain("5678", sent);
    }

    [Fact]
    public async Task A_call_that_a_second_person_must_approve_is_denied_with_that_code_and_the_approvals_id()
    {
        await door.SetAsync("rules: [{ id: ask, on: [model.invoke], then: ask }]");
        using HttpResponseMessage response = await door.PostAsync(Calls.Path("chat"), Calls.Body("chat", "none", "", false));
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal("approval-1", response.Headers.GetValues("x-muniment-approval").Single());
        Assert.Contains("\"code\":\"approval_required\"", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("chat", "max_tokens", "\"max_tokens\":16")]
    [InlineData("responses", "max_output_tokens", "\"max_output_tokens\":16")]
    [InlineData("messages", "max_tokens", "\"max_tokens\":16")]
    public async Task Changes_reach_the_upstream(string api, string name, string expected)
    {
        await door.SetAsync("rules: [{ id: cap, on: [model.invoke], then: modify, set: { max_tokens: 16, model: other-model, tools_remove: [ma*] } }]");
        using HttpResponseMessage response = await door.PostAsync(Calls.Path(api), Calls.Body(api, "none", "", false));
        Assert.True(response.IsSuccessStatusCode, string.Join(";", door.Upstream.Refused));
        JsonElement sent = door.Upstream.LastBody;
        Assert.Contains(expected, door.Upstream.Requests.Last().Text);
        Assert.Equal(16, sent.GetProperty(name).GetInt32());
        Assert.Equal("other-model", sent.GetProperty("model").GetString());
        Assert.False(sent.TryGetProperty("tools", out _));
        CanonicalEvent invoke = door.Events(LlmDoor.DecisionOf(response))[0];
        Assert.Equal("modified", invoke.Result);
        Assert.Contains("param_capped", Encoding.UTF8.GetString(invoke.Decision.Span));
    }

    [Fact]
    public async Task An_upstream_that_does_not_answer_is_replaced_by_the_next_one()
    {
        await door.SetAsync("rules: [{ id: fallback, on: [model.invoke], then: modify, set: { fallback: [oai] } }]");
        using HttpResponseMessage response = await door.PostAsync("/llm/dead/v1/chat/completions", Calls.Body("chat", "none", "", true));
        string answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, answer);
        Assert.Contains("[DONE]", answer);
        CanonicalEvent respond = door.Events(LlmDoor.DecisionOf(response))[1];
        Assert.Equal("oai", respond.Target);
        Assert.Contains("rerouted", Encoding.UTF8.GetString(respond.Decision.Span));
    }

    [Fact]
    public async Task Models_that_policy_denies_are_not_listed()
    {
        await door.SetAsync("rules: [{ id: models, on: [model.invoke], when: { model.requested|startswith: gpt-3 }, then: deny }]");
        using HttpResponseMessage response = await door.PostAsync("/llm/oai/v1/models", "", HttpMethod.Get);
        using JsonDocument list = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.Equal(["gpt-4o", "o3"], list.RootElement.GetProperty("data").EnumerateArray().Select(m => m.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Errors_of_the_upstream_are_passed_on_as_they_are_but_for_what_policy_hides()
    {
        await door.SetAsync(Calls.Redact);
        door.Upstream.Intercept = async (context, _) =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "7";
            context.Response.Headers["x-ratelimit-remaining-tokens"] = "0";
            context.Response.ContentType = "application/json";
            byte[] body = Encoding.UTF8.GetBytes($"{{\"error\":{{\"message\":\"too fast, {Calls.Secret}\",\"type\":\"tokens\",\"code\":\"rate_limit_exceeded\"}}}}");
            await context.Response.Body.WriteAsync(body);
            return true;
        };
        using HttpResponseMessage response = await door.PostAsync(Calls.Path("chat"), Calls.Body("chat", "none", "", true));
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(("7", "0"), (response.Headers.GetValues("Retry-After").Single(), response.Headers.GetValues("x-ratelimit-remaining-tokens").Single()));
        Assert.Equal("""{"error":{"message":"too fast, [EMAIL]","type":"tokens","code":"rate_limit_exceeded"}}""", await response.Content.ReadAsStringAsync());
        CanonicalEvent respond = door.Events(LlmDoor.DecisionOf(response))[1];
        Assert.Equal(("error", "upstream_error"), (respond.Result, respond.Reason));
    }

    [Theory]
    [InlineData("malformed", "{\"model\":", "invalid_body")]
    [InlineData("repeated", "{\"model\":\"a\",\"mod\\u0065l\":\"b\",\"messages\":[]}", "invalid_body")]
    [InlineData("utf8", "\xff", "invalid_body")]
    public async Task A_body_that_cannot_be_read_is_refused_and_recorded(string name, string body, string code)
    {
        await door.SetAsync(Calls.Redact);
        using var request = new HttpRequestMessage(HttpMethod.Post, Calls.Path("chat")) { Content = new ByteArrayContent(Encoding.Latin1.GetBytes(body)) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TryAddWithoutValidation("x-api-key", door.Key);
        using HttpResponseMessage response = await door.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(code, await response.Content.ReadAsStringAsync());
        Assert.Empty(door.Upstream.Requests);
        Assert.True(door.Events(LlmDoor.DecisionOf(response))[^1] is { Result: "denied", Reason: "malformed" }, name);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_413_and_recorded()
    {
        await door.SetAsync(null);
        using HttpResponseMessage response = await door.PostAsync(Calls.Path("chat"), $"{{\"model\":\"m\",\"messages\":[{{\"role\":\"user\",\"content\":\"{new string('x', 2_100_000)}\"}}]}}");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("over_limit", door.Events(LlmDoor.DecisionOf(response))[^1].Reason);
        Assert.Empty(door.Upstream.Requests);
    }

    public static TheoryData<string, string, string> Faults() => new()
    {
        { "chat", "abort", "upstream_broke_off" }, { "chat", "hang", "upstream_timeout" }, { "chat", "corrupt", "upstream_malformed" }, { "chat", "utf8", "upstream_malformed" },
        { "responses", "abort", "upstream_broke_off" }, { "responses", "hang", "upstream_timeout" }, { "responses", "corrupt", "upstream_malformed" },
        { "messages", "abort", "upstream_broke_off" }, { "messages", "hang", "upstream_timeout" }, { "messages", "corrupt", "upstream_malformed" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_stream_that_goes_wrong_ends_in_the_providers_error_frame_and_is_recorded(string api, string fault, string reason)
    {
        await door.SetAsync(Calls.Redact, new FakeAnswer
        {
            Text = "one two three four five six seven eight",
            FrameDelayMs = 15,
            AbortAfterFrames = fault is "abort" ? 6 : -1,
            HangAfterFrames = fault is "hang" ? 6 : -1,
            CorruptFrame = fault is "corrupt" or "utf8" ? 6 : -1,
            Corruption = fault is "utf8" ? "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\ud800\"}}]}\n\n" : "data: {\"choices\":[{\"index\":0\n\n",
        }, idleMs: fault is "hang" ? 700 : 120_000);
        if (fault is "utf8")
        {
            door.Upstream.Intercept = async (context, _) =>
            {
                context.Response.ContentType = "text/event-stream";
                await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"well then \"}}]}\n\n"));
                await context.Response.Body.FlushAsync();
                await Task.Delay(100);
                await context.Response.Body.WriteAsync(Encoding.Latin1.GetBytes("data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xff\"}}]}\n\ndata: [DONE]\n\n"));
                return true;
            };
        }

        using HttpResponseMessage response = await door.PostAsync(Calls.Path(api), Calls.Body(api, "none", "", true));
        string answer = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("[DONE]", answer);
        Assert.DoesNotContain("message_stop", answer);
        Assert.Contains(api switch { "chat" => "data: {\"error\":{", "responses" => "event: response.failed", _ => "event: error\ndata: {\"type\":\"error\"" }, answer);
        CanonicalEvent respond = door.Events(LlmDoor.DecisionOf(response))[1];
        Assert.Equal(("error", reason), (respond.Result, respond.Reason));
    }

    [Fact]
    public async Task An_upstream_that_never_answers_is_504_one_that_is_not_there_502_and_both_are_recorded()
    {
        await door.SetAsync(null, new FakeAnswer { DelayMs = 600_000 }, headerMs: 1000);
        using HttpResponseMessage silent = await door.PostAsync(Calls.Path("messages"), Calls.Body("messages", "none", "", true));
        Assert.Equal(HttpStatusCode.GatewayTimeout, silent.StatusCode);
        Assert.Equal("upstream_timeout", door.Events(LlmDoor.DecisionOf(silent))[1].Reason);
        using HttpResponseMessage dead = await door.PostAsync("/llm/dead/v1/chat/completions", Calls.Body("chat", "none", "", false));
        Assert.Equal(HttpStatusCode.BadGateway, dead.StatusCode);
        Assert.Equal("upstream_unreachable", door.Events(LlmDoor.DecisionOf(dead))[1].Reason);
    }

    [Fact]
    public async Task A_client_that_leaves_is_recorded()
    {
        await door.SetAsync(null, new FakeAnswer { HangAfterFrames = 3 }); // so that it is not over before the client leaves
        string id;
        using (HttpResponseMessage response = await door.PostAsync(Calls.Path("chat"), Calls.Body("chat", "none", "", true)))
        {
            id = LlmDoor.DecisionOf(response);
        }

        for (long until = Environment.TickCount64 + 60_000; door.Events(id).Count < 2 && Environment.TickCount64 < until;)
        {
            await Task.Delay(10);
        }

        Assert.Equal(("error", "client_aborted"), (door.Events(id)[1].Result, door.Events(id)[1].Reason));
    }

    [Fact]
    public async Task Without_a_journal_nothing_is_released()
    {
        await door.SetAsync(null);
        door.Time.Stop(); // what is known of the journal stays known
        try
        {
            door.Door.Journal.Answer = AppendStatus.StorageFailed;
            using HttpResponseMessage first = await door.PostAsync(Calls.Path("chat"), Calls.Body("chat", "none", "", true));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, first.StatusCode);
            Assert.DoesNotContain("Hello", await first.Content.ReadAsStringAsync());
            // The first one may still be on its way; the second is another kind.
            int Plain() => door.Upstream.Requests.Count(request => request.Text.Contains("\"stream\":false", StringComparison.Ordinal));
            int before = Plain();
            using HttpResponseMessage second = await door.PostAsync(Calls.Path("chat"), Calls.Body("chat", "none", "", false));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
            Assert.Equal(before, Plain()); // known by now: nothing is forwarded
        }
        finally
        {
            door.Door.Journal.Answer = null;
            door.Time.Go(Unwritable);
        }
    }

    [Fact]
    public async Task When_the_record_of_the_answer_fails_the_error_frame_stands_in_the_place_of_the_last()
    {
        TaskCompletionSource goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await door.SetAsync(null, new FakeAnswer { WaitBeforeFrame = (3, goesOn.Task), Text = "one two three four five six" });
        try
        {
            using HttpResponseMessage response = await door.PostAsync(Calls.Path("chat"), Calls.Body("chat", "none", "", true));
            door.Door.Journal.Answer = AppendStatus.StorageFailed;
            goesOn.SetResult();
            string answer = await response.Content.ReadAsStringAsync();
            Assert.Contains("one t", answer);
            Assert.DoesNotContain("[DONE]", answer);
            Assert.Contains("data: {\"error\":{", answer);
        }
        finally
        {
            goesOn.TrySetResult();
            door.Door.Journal.Answer = null;
            door.Time.Go(Unwritable);
        }
    }

    [Fact]
    public async Task A_wrong_key_is_401_in_the_shape_of_the_sdk()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Calls.Path("messages")) { Content = new StringContent("{}") };
        request.Headers.TryAddWithoutValidation("x-api-key", "mk_nobody");
        using HttpResponseMessage response = await door.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Contains("authentication_error", await response.Content.ReadAsStringAsync());
    }

    private static void AssertError(string api, string json, string code, string type, string words)
    {
        JsonElement root = JsonDocument.Parse(json).RootElement;
        JsonElement error = root.GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetString());
        Assert.Contains(words, error.GetProperty("message").GetString());
        if (api is "messages")
        {
            Assert.Equal("error", root.GetProperty("type").GetString());
            Assert.Equal(type, error.GetProperty("type").GetString());
            Assert.NotEmpty(root.GetProperty("request_id").GetString()!);
        }
    }
}
