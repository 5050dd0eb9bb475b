using System.Text.Json;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds.Datadog;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.Datadog;

public sealed class DatadogTests : IAsyncLifetime
{
    private readonly StrictDatadog _server = new();
    private readonly FakeSource _source = new() { BlockSize = 100 };

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Events_arrive_with_their_time_tags_and_marks()
    {
        for (int i = 0; i < 1500; i++)
        {
            AddNow("denied");
        }

        DestinationStatus status = await KindBench.DeliverAsync(Json(more: ""","options":{"service":"agents","tags":["env:prod","team:blue"]}"""), _source);
        Assert.Empty(_server.Refusals);
        Assert.Equal(Enumerable.Range(0, 1500).Select(i => "e" + i), _server.Taken.Select(t => t.Id));
        Assert.Equal(1500, status.Delivered);
        JsonElement log = JsonSerializer.Deserialize<JsonElement>(_server.Taken.ElementAt(7).Json);
        Assert.Equal(("agents", "warn", "u2 tool.call t1 denied"), (log.GetProperty("service").GetString(), log.GetProperty("status").GetString(), log.GetProperty("message").GetString()));
        Assert.Equal("muniment_tenant:acme,env:prod,team:blue", log.GetProperty("ddtags").GetString());
        Assert.Equal((7, 7), (log.GetProperty("event").GetProperty("muniment").GetProperty("seq").GetInt32(), log.GetProperty("event").GetProperty("muniment").GetProperty("n").GetInt32()));
        Assert.True(log.TryGetProperty("timestamp", out _));
    }

    [Fact]
    public async Task What_is_older_than_18_hours_goes_without_its_time_and_the_receipt_says_so()
    {
        AddNow("success");
        _source.Add(2); // of 2026-01-01
        AddNow("success");
        MemoryDestinationStore store = new();
        await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Empty(_server.Refusals);
        Assert.Equal([true, false, false, true], _server.Taken.Select(t => JsonSerializer.Deserialize<JsonElement>(t.Json).TryGetProperty("timestamp", out _)));
        Assert.Equal("2026-01-01T00:00:00.001000000Z", JsonSerializer.Deserialize<JsonElement>(_server.Taken.ElementAt(1).Json).GetProperty("event").GetProperty("ts").GetString());
        Assert.Contains("warning: 2 of 4 older than 18 h", Assert.Single(await store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 10, default)).Json.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_status_warns_before_the_window_closes()
    {
        long now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        _source.Add(receivedNs: now - 8 * 3_600_000_000_000);
        _server.Key = "renewed"; // so it waits
        Assert.Null(await WarningAsync());
        _source.Purge(0);
        _source.Add(receivedNs: now - 10 * 3_600_000_000_000);
        Assert.Equal("the oldest waiting event was received 10 h ago; Datadog shows what is older than 18 h at its arrival", await WarningAsync(start: 1));

        async Task<string?> WarningAsync(long start = 0)
        {
            await using DestinationRunner runner = await Fixtures.OpenAsync(Fixtures.Services(_source, new MemoryDestinationStore(), Path.GetTempPath()), Json(), start);
            return (await runner.UntilAsync(s => s.Reason is not null)).Warning;
        }
    }

    [Fact]
    public async Task A_log_that_Datadog_would_cut_is_never_sent()
    {
        AddNow("success");
        _source.Add(extra: $",\"reason\":\"{new string('x', 1_000_000)}\"");
        AddNow("success");
        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Equal(["e0", "e2"], _server.Taken.Select(t => t.Id));
        Assert.Equal((2L, 1), (status.Delivered, status.DeadLetters));
        Assert.Contains("1 MB", Assert.Single(await store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default)).Message, StringComparison.Ordinal);
        Assert.Empty(_server.Refusals);
    }

    [Theory]
    [InlineData(200, OutcomeKind.Misconfigured)] // with members in its body
    [InlineData(201, OutcomeKind.Misconfigured)]
    [InlineData(202, OutcomeKind.Delivered)]
    [InlineData(302, OutcomeKind.Misconfigured)]
    [InlineData(400, OutcomeKind.BadRecord)]
    [InlineData(401, OutcomeKind.CredentialRejected)]
    [InlineData(403, OutcomeKind.CredentialRejected)]
    [InlineData(404, OutcomeKind.Misconfigured)]
    [InlineData(408, OutcomeKind.RetryLater)]
    [InlineData(413, OutcomeKind.TooLarge)]
    [InlineData(415, OutcomeKind.Misconfigured)]
    [InlineData(429, OutcomeKind.RetryLater)]
    [InlineData(500, OutcomeKind.RetryLater)]
    [InlineData(502, OutcomeKind.RetryLater)]
    [InlineData(503, OutcomeKind.RetryLater)]
    [InlineData(504, OutcomeKind.RetryLater)]
    [InlineData(0, OutcomeKind.RetryLater)]
    public async Task Every_answer_has_its_outcome(int status, OutcomeKind expected)
    {
        _source.Add(2);
        _server.Then(status, """{"errors":[{"detail":"words\nof Datadog"}]}""");
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal(expected, outcome.Kind);
        Assert.True(status != 400 || outcome.Message == "HTTP 400: words of Datadog");
        Assert.DoesNotContain("dd-key", outcome.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "", null)]
    [InlineData(200, "{}", null)]
    [InlineData(202, "", null)]
    [InlineData(200, "ok", "transport_mismatch")]
    [InlineData(202, "queued", "transport_mismatch")]
    public async Task Only_an_intakes_answer_is_a_success(int status, string body, string? code)
    {
        _source.Add(1);
        _server.Then(status, body);
        Assert.Equal(code, (await KindBench.SendAsync(Json(), _source)).Code);
    }

    [Fact]
    public async Task A_login_page_is_no_intake()
    {
        _source.Add(1);
        _server.Then(200, "<!doctype html>", "text/html");
        Assert.Equal("transport_mismatch", (await KindBench.SendAsync(Json(), _source)).Code);
    }

    public static TheoryData<string, string> WrongRequests => new()
    {
        { "PUT", "1.4: POST" },
        { "v1 path", "1.4: POST" },
        { "no key", "1.4: header DD-API-KEY" },
        { "bearer", "1.4: header DD-API-KEY" },
        { "another key", "1.4: 403" },
        { "text", "1.4: Content-Type" },
        { "brotli", "1.4: encodings" },
        { "object", "1.4: the body is a JSON array" },
        { "too many", "1.4: at most 1000" },
        { "too large", "1.4: at most 5 MB" },
        { "large log", "1.4: a log over 1 MB" },
        { "seconds", "1.4: timestamp" },
        { "old", "1.4: older than 18 h" },
        { "tags", "1.4: ddtags" },
        { "source", "1.4: an object under" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictDatadog server = new();
        WireRequest good = await KindBench.CaptureAsync(server, e => Json(e));
        string log = good.Text[1..^1].Split(",{\"ddsource\"")[0];
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        WireRequest wrong = what switch
        {
            "PUT" => good with { Method = "PUT" },
            "v1 path" => good with { Path = "/v1/input" },
            "no key" => good.WithHeader("DD-API-KEY", null),
            "bearer" => good.WithHeader("DD-API-KEY", null).WithHeader("Authorization", "Bearer dd-key"),
            "another key" => good.WithHeader("DD-API-KEY", "x"),
            "text" => good.WithHeader("Content-Type", "text/plain"),
            "brotli" => good.WithHeader("Content-Encoding", "br"),
            "object" => good.WithText(log),
            "too many" => good.WithText("[" + string.Join(',', Enumerable.Repeat(log, 1001)) + "]"),
            "too large" => good.Edit(t => t + new string(' ', 5_000_000)),
            "large log" => good.Edit(t => t.Replace("\"message\":\"", "\"message\":\"" + new string('x', 1_000_000), StringComparison.Ordinal)),
            "seconds" => good.Edit(t => t.Replace("{\"ddsource\"", $"{{\"timestamp\":{now / 1000},\"ddsource\"", StringComparison.Ordinal)),
            "old" => good.Edit(t => t.Replace("{\"ddsource\"", $"{{\"timestamp\":{now - 19 * 3_600_000},\"ddsource\"", StringComparison.Ordinal)),
            "tags" => good.Edit(t => t.Replace("muniment_tenant:acme", "acme", StringComparison.Ordinal)),
            _ => good.Edit(t => t.Replace("{\"ddsource\"", "{\"source\":{},\"ddsource\"", StringComparison.Ordinal)),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "https://http-intake.logs.datadoghq.com/api/v2/logs")]
    [InlineData("", ""","options":{"site":"datadoghq.eu"}""", "https://http-intake.logs.datadoghq.eu/api/v2/logs")]
    [InlineData("https://proxy.example/", "", "https://proxy.example/api/v2/logs")]
    [InlineData("https://proxy.example/api/v2/logs", "", "https://proxy.example/api/v2/logs")]
    public void The_address_follows_site_and_endpoint(string endpoint, string more, string expected)
    {
        DestinationConfig config = Fixtures.Config(Json(endpoint, more), out _);
        Assert.Equal(expected, new DatadogKind().Address(config)!.ToString());
    }

    [Theory]
    [InlineData(""","options":{"site":"evil.example/x"}""", "options.site")]
    [InlineData(""","options":{"tags":{"a":"b"}}""", "options.tags")]
    [InlineData(""","options":{"tags":[1]}""", "options.tags")]
    [InlineData(""","batch":{"max_events":1001}""", "batch.max_events")]
    [InlineData(""","batch":{"max_bytes":5000000}""", "batch.max_bytes")]
    public void Configurations_are_checked(string more, string field) => Assert.Equal(field, KindBench.Refusal(Json("", more)));

    [Fact]
    public async Task The_test_sends_an_event_of_now()
    {
        TestReport report = await KindBench.TestAsync(Json());
        Assert.True(report.Ok);
        Assert.True(JsonSerializer.Deserialize<JsonElement>(Assert.Single(_server.Taken).Json).TryGetProperty("timestamp", out _));
        _server.Key = "other";
        report = await KindBench.TestAsync(Json());
        Assert.Equal(("auth", false), (report.Steps[^1].Step, report.Steps[^1].Ok));
    }

    [Fact]
    public async Task With_an_application_key_the_test_searches_back()
    {
        string json = Json().Replace("\"api_key\":\"dd-key\"", "\"api_key\":\"dd-key\",\"application_key\":\"dd-app\"", StringComparison.Ordinal);
        TestReport report = await KindBench.TestAsync(json);
        Assert.Empty(_server.Refusals);
        Assert.Equal(("search", true, "found"), (report.Steps[^1].Step, report.Steps[^1].Ok, report.Steps[^1].Detail));
        _server.ApplicationKey = "other";
        report = await KindBench.TestAsync(json);
        Assert.Equal((false, "search", "HTTP 403"), (report.Ok, report.Steps[^1].Step, report.Steps[^1].Detail));
        Assert.Contains("credential.application_key", report.Steps[^1].Hint, StringComparison.Ordinal);
        Assert.Equal("credential.application_key", KindBench.Refusal(json.Replace("dd-app", "dd app", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("", "", "https://api.datadoghq.com/api/v2/logs/events/search")]
    [InlineData("", ""","options":{"site":"us5.datadoghq.com"}""", "https://api.us5.datadoghq.com/api/v2/logs/events/search")]
    [InlineData("https://http-intake.logs.datadoghq.eu", "", "https://api.datadoghq.eu/api/v2/logs/events/search")]
    [InlineData("https://proxy.example/", ""","options":{"site":"datadoghq.eu"}""", "https://api.datadoghq.eu/api/v2/logs/events/search")]
    [InlineData("https://proxy.example/", "", "https://proxy.example/api/v2/logs/events/search")]
    public void The_search_is_at_the_sites_own_address(string endpoint, string more, string expected) =>
        Assert.Equal(expected, DatadogKind.SearchUrlOf(Fixtures.Config(Json(endpoint, more), out _)).ToString());

    private void AddNow(string result) => _source.Add(result: result, receivedNs: (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);

    private string Json(string? endpoint = null, string more = "") =>
        $$$"""{"id":"d","kind":"datadog","endpoint":"{{{endpoint ?? _server.Address.ToString()}}}","credential":{"api_key":"dd-key"}{{{more}}}}""";
}
