using System.Text.Json;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.SplunkHec;

public sealed class StrictHecTests
{
    public static TheoryData<string, string> WrongRequests => new()
    {
        { "PUT", "1.3: POST" },
        { "raw path", "1.3: POST" },
        { "no token", "1.3: a token is required" },
        { "bearer", "1.3: Authorization: Splunk" },
        { "another token", "1.3: invalid token" },
        { "channel", "1.3: invalid data channel" },
        { "brotli", "1.3: gzip" },
        { "too large", "1.3: about 1 MB" },
        { "empty", "1.3: no data" },
        { "array", "1.3: objects one after another" },
        { "text", "1.3: an object for each event" },
        { "half", "1.3: well-formed JSON" },
        { "twice", "1.3: well-formed JSON" },
        { "Latin 1", "1.3: UTF-8" },
        { "member", "1.3: 'severity'" },
        { "index", "1.3: host, source" },
        { "no event", "1.3: event field is required" },
        { "blank", "1.3: event field cannot be blank" },
        { "milliseconds", "1.3: time is epoch seconds" },
        { "time as text", "1.3: time is epoch seconds" },
        { "nested fields", "1.3: fields are flat" },
        { "no id", "1.3: our own dedup handle" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictHec server = new();
        WireRequest good = await KindBench.CaptureAsync(server, e => Json(e));
        Assert.Equal(3, server.Taken.Count);
        WireRequest wrong = what switch
        {
            "PUT" => good with { Method = "PUT" },
            "raw path" => good with { Path = "/services/collector/raw" },
            "no token" => good.WithHeader("Authorization", null),
            "bearer" => good.WithHeader("Authorization", "Bearer t"),
            "another token" => good.WithHeader("Authorization", "Splunk x"),
            "channel" => good.WithHeader("X-Splunk-Request-Channel", "one"),
            "brotli" => good.WithHeader("Content-Encoding", "br"),
            "too large" => good.Edit(t => t + new string(' ', 1_000_000)),
            "empty" => good.WithText(" \n"),
            "array" => good.Edit(t => "[" + string.Join(',', t.Split('\n', StringSplitOptions.RemoveEmptyEntries)) + "]"),
            "text" => good.Edit(t => t + "\"more\""),
            "half" => good.Edit(t => t[..^20]),
            "twice" => good.Edit(t => t.Replace("{\"time\":", "{\"source\":\"x\",\"time\":", StringComparison.Ordinal)),
            "Latin 1" => good.WithText("") with { Body = [.. good.Body[..^1], 0xE9] },
            "member" => good.Edit(t => t.Replace("{\"time\":", "{\"severity\":1,\"time\":", StringComparison.Ordinal)),
            "index" => good.Edit(t => t.Replace("{\"time\":", "{\"index\":7,\"time\":", StringComparison.Ordinal)),
            "no event" => good.Edit(t => t.Replace("\"event\":{", "\"host\":\"h\",\"fields\":{", StringComparison.Ordinal)[..t.IndexOf(",\"event\":", StringComparison.Ordinal)] + "}"),
            "blank" => good.WithText("""{"time":1772000000,"event":"","fields":{"event_id":"e"}}"""),
            "milliseconds" => good.WithText("""{"time":1772000000000,"event":"x","fields":{"event_id":"e"}}"""),
            "time as text" => good.WithText("""{"time":"now","event":"x","fields":{"event_id":"e"}}"""),
            "nested fields" => good.WithText("""{"time":1772000000,"event":"x","fields":{"event_id":"e","a":{"b":1}}}"""),
            _ => good.WithText("""{"time":1772000000,"event":"x","fields":{"a":1}}"""),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("main", null)]
    [InlineData("other", "misconfigured")]
    public async Task An_index_that_the_token_may_not_write_to_pauses(string index, string? code)
    {
        await using StrictHec server = new() { Indexes = ["main"] };
        await server.StartAsync();
        FakeSource source = new();
        source.Add(3);
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(server.Address.ToString(), $$""","options":{"index":"{{index}}"}"""), source);
        Assert.Equal(code, outcome.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData(""","index":"main" """)]
    public async Task With_a_token_for_searching_the_test_searches_back(string option)
    {
        await using StrictHec server = new();
        await server.StartAsync();
        string json = $$"""{"id":"d","kind":"splunk_hec","endpoint":"{{server.Address}}","credential":{"token":"t","search_token":"eyJ"},"options":{"search_endpoint":"{{server.Address}}"{{option}} } }""";
        TestReport report = await KindBench.TestAsync(json);
        Assert.Empty(server.Refusals);
        Assert.Equal(("search", true), (report.Steps[^1].Step, report.Steps[^1].Ok));
        server.SearchToken = "other";
        report = await KindBench.TestAsync(json);
        Assert.Equal((false, "search", "HTTP 401"), (report.Ok, report.Steps[^1].Step, report.Steps[^1].Detail));
        Assert.Contains("credential.search_token", report.Steps[^1].Hint, StringComparison.Ordinal);
        report = await KindBench.TestAsync(json.Replace($"search_endpoint\":\"{server.Address}", "search_endpoint\":\"http://10.1.2.3:8089/", StringComparison.Ordinal));
        Assert.StartsWith("egress_refused", report.Steps[^1].Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "credential":{"token":"t","search_token":"x"} """, "options.search_endpoint")]
    [InlineData(""" "credential":{"token":"t"},"options":{"search_endpoint":"https://x:8089"} """, "credential.search_token")]
    [InlineData(""" "credential":{"token":"t","search_token":"x"},"options":{"search_endpoint":"x:8089"} """, "options.search_endpoint")]
    public void A_search_needs_both_address_and_token(string members, string field) => Assert.Equal(field, KindBench.Refusal($$"""{"id":"d","kind":"splunk_hec","endpoint":"https://x",{{members}}}"""));

    [Fact]
    public async Task Marks_are_indexed_fields_beside_the_event()
    {
        await using StrictHec server = new();
        await KindBench.CaptureAsync(server, e => Json(e, ""","format":"ocsf" """));
        JsonElement second = JsonSerializer.Deserialize<JsonElement>(server.Taken.ElementAt(1).Json);
        JsonElement fields = second.GetProperty("fields");
        Assert.Equal(("e1", 1, 1, "d"), (fields.GetProperty("event_id").GetString(), fields.GetProperty("muniment.seq").GetInt32(), fields.GetProperty("muniment.n").GetInt32(), fields.GetProperty("muniment.destination").GetString()));
        Assert.DoesNotContain("muniment.seq", second.GetProperty("event").GetRawText(), StringComparison.Ordinal);
    }

    private static string Json(string endpoint, string more = "") => $$"""{"id":"d","kind":"splunk_hec","endpoint":"{{endpoint}}","credential":{"token":"t"}{{more}}}""";
}
