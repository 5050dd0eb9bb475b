using System.Text.Json;
using Muniment.Delivery.Kinds.NewRelic;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Delivery.Tests.Faults;

namespace Muniment.Delivery.Tests.Kinds.NewRelic;

public sealed class NewRelicTests : IAsyncLifetime
{
    private readonly StrictNewRelic _server = new();
    private readonly FakeSource _source = new() { BlockSize = 100 };

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Events_arrive_with_attributes_marks_and_the_whole_event()
    {
        for (int i = 0; i < 1500; i++)
        {
            AddNow();
        }

        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Empty(_server.Refusals);
        Assert.Equal(Enumerable.Range(0, 1500).Select(i => "e" + i), _server.Taken.Select(t => t.Id));
        Assert.Equal(1500, status.Delivered);
        JsonElement log = JsonSerializer.Deserialize<JsonElement>(_server.Taken.ElementAt(7).Json);
        Assert.Equal((7, 7, "log/acme"), (log.GetProperty("attributes").GetProperty("muniment.seq").GetInt32(), log.GetProperty("attributes").GetProperty("muniment.n").GetInt32(), log.GetProperty("attributes").GetProperty("muniment.origin").GetString()!));
        string[] message = log.GetProperty("message").GetString()!.Split('\n');
        Assert.Equal("u2 tool.call t1 success", message[0]);
        Assert.Equal("e7", JsonSerializer.Deserialize<JsonElement>(message[1]).GetProperty("id").GetString());
        Assert.Contains("requestId f0e7bfff", (await store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 10, default))[0].Json.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_New_Relic_would_drop_for_its_age_goes_without_its_time_and_the_receipt_says_so()
    {
        AddNow();
        _source.Add(1); // of 2026-01-01
        MemoryDestinationStore store = new();
        await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Empty(_server.Refusals);
        Assert.Equal([true, false], _server.Taken.Select(t => JsonSerializer.Deserialize<JsonElement>(t.Json).TryGetProperty("timestamp", out _)));
        Assert.Contains("warning: 1 of 2 older than 48 h", Assert.Single(await store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 10, default)).Json.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_texts_are_only_in_the_message_and_what_would_be_cut_is_never_sent()
    {
        _source.Add(extra: $",\"reason\":\"{new string('r', 5000)}\"");
        _source.Add(extra: $",\"reason\":\"{new string('r', 130_000)}\"");
        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Equal((1L, 1), (status.Delivered, status.DeadLetters));
        Assert.Contains(new string('r', 5000), JsonSerializer.Deserialize<JsonElement>(Assert.Single(_server.Taken).Json).GetProperty("message").GetString()!, StringComparison.Ordinal);
        Assert.Contains("128 KB", Assert.Single(await store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(202, """{"requestId":"r"}""", OutcomeKind.Delivered)]
    [InlineData(200, """{"requestId":"r"}""", OutcomeKind.Delivered)]
    [InlineData(200, "{}", OutcomeKind.Misconfigured)]
    [InlineData(200, "<html>", OutcomeKind.Misconfigured)]
    [InlineData(302, "", OutcomeKind.Misconfigured)]
    [InlineData(400, "", OutcomeKind.BadRecord)]
    [InlineData(401, "", OutcomeKind.CredentialRejected)]
    [InlineData(403, "", OutcomeKind.CredentialRejected)]
    [InlineData(404, "", OutcomeKind.Misconfigured)]
    [InlineData(408, "", OutcomeKind.RetryLater)]
    [InlineData(413, "", OutcomeKind.TooLarge)]
    [InlineData(429, "", OutcomeKind.RetryLater)]
    [InlineData(500, "", OutcomeKind.RetryLater)]
    [InlineData(503, "", OutcomeKind.RetryLater)]
    [InlineData(0, "", OutcomeKind.RetryLater)]
    public async Task Every_answer_has_its_outcome(int status, string body, OutcomeKind expected)
    {
        _source.Add(2);
        _server.Then(status, body);
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal(expected, outcome.Kind);
        Assert.DoesNotContain("nr-key", outcome.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> WrongRequests => new()
    {
        { "PUT", "1.11: POST" },
        { "metrics path", "1.11: POST" },
        { "no key", "1.11: 403" },
        { "another key", "1.11: 403" },
        { "text", "1.11: JSON" },
        { "too large", "1.11: at most 1 MB" },
        { "object", "1.11: the body is" },
        { "no logs", "1.11: a block has" },
        { "seconds", "1.11: timestamp is" },
        { "old", "1.11: dropped" },
        { "member", "1.11: a log has" },
        { "object attribute", "1.11: attributes are flat" },
        { "long attribute", "1.11: strings of at most" },
        { "many attributes", "1.11: at most 255" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictNewRelic server = new();
        WireRequest good = await KindBench.CaptureAsync(server, e => Json(e));
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        WireRequest Put(string member) => good.Edit(t => t.Replace("{\"message\"", "{" + member + ",\"message\"", StringComparison.Ordinal));
        WireRequest wrong = what switch
        {
            "PUT" => good with { Method = "PUT" },
            "metrics path" => good with { Path = "/metric/v1" },
            "no key" => good.WithHeader("Api-Key", null),
            "another key" => good.WithHeader("Api-Key", "x"),
            "text" => good.WithHeader("Content-Type", "text/plain"),
            "too large" => good.Edit(t => t + new string(' ', 1_000_000)),
            "object" => good.Edit(t => t[1..^1]),
            "no logs" => good.Edit(t => t.Replace("\"logs\"", "\"events\"", StringComparison.Ordinal)),
            "seconds" => Put($"\"timestamp\":{now / 1000}"),
            "old" => Put($"\"timestamp\":{now - 49 * 3_600_000}"),
            "member" => Put("\"level\":\"info\""),
            "object attribute" => good.Edit(t => t.Replace("\"action\":\"tool.call\",\"actor\"", "\"action\":{},\"actor\"", StringComparison.Ordinal)),
            "long attribute" => good.Edit(t => t.Replace("\"action\":\"tool.call\",\"actor\"", $"\"action\":\"{new string('x', 4095)}\",\"actor\"", StringComparison.Ordinal)),
            _ => good.Edit(t => t.Replace("\"action\":\"tool.call\",\"actor\"", string.Concat(Enumerable.Range(0, 250).Select(i => $"\"a{i}\":1,")) + "\"actor\"", StringComparison.Ordinal)),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "https://log-api.newrelic.com/log/v1")]
    [InlineData("", ""","options":{"region":"eu"}""", "https://log-api.eu.newrelic.com/log/v1")]
    [InlineData("https://proxy.example", "", "https://proxy.example/log/v1")]
    public void The_address_follows_region_and_endpoint(string endpoint, string more, string expected) =>
        Assert.Equal(expected, new NewRelicKind().Address(Fixtures.Config(Json(endpoint, more), out _))!.ToString());

    [Theory]
    [InlineData(""","options":{"region":"ap"}""", "options.region")]
    [InlineData(""","batch":{"max_bytes":2000000}""", "batch.max_bytes")]
    [InlineData(""","options":{"account_id":"42"}""", "options.account_id")]
    public void Configurations_are_checked(string more, string field) => Assert.Equal(field, KindBench.Refusal(Json("", more)));

    [Fact]
    public async Task The_test_says_that_validation_comes_later()
    {
        TestReport report = await KindBench.TestAsync(Json());
        Assert.True(report.Ok);
        Assert.Contains("NrIntegrationError", report.Steps[^1].Detail, StringComparison.Ordinal);
        _server.Key = "other";
        report = await KindBench.TestAsync(Json());
        Assert.Equal(("auth", false), (report.Steps[^1].Step, report.Steps[^1].Ok));
    }

    [Fact]
    public async Task With_a_user_key_the_test_sees_what_became_of_it()
    {
        string json = Json(more: ""","options":{"account_id":42}""").Replace("\"license_key\":", "\"user_key\":\"nr-user\",\"license_key\":", StringComparison.Ordinal);
        TestReport report = await KindBench.TestAsync(json);
        Assert.Empty(_server.Refusals);
        Assert.Equal(("search", true), (report.Steps[^1].Step, report.Steps[^1].Ok));
        _server.Discards = true;
        report = await KindBench.TestAsync(json, new FastTime(120, TimeProvider.System.GetUtcNow()));
        Assert.Equal((false, "search", "the event was taken and is not there yet"), (report.Ok, report.Steps[^1].Step, report.Steps[^1].Detail));
        _server.UserKey = "other";
        report = await KindBench.TestAsync(json);
        Assert.Equal((false, "HTTP 401"), (report.Ok, report.Steps[^1].Detail));
        Assert.Equal("options.account_id", KindBench.Refusal(json.Replace("\"account_id\":42", "", StringComparison.Ordinal)));
        Assert.DoesNotContain("nr-user", string.Join(';', report.Steps), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "https://api.newrelic.com/graphql")]
    [InlineData("", ""","options":{"region":"eu"}""", "https://api.eu.newrelic.com/graphql")]
    [InlineData("https://proxy.example", "", "https://proxy.example/graphql")]
    public void The_search_is_at_the_regions_own_address(string endpoint, string more, string expected) =>
        Assert.Equal(expected, NewRelicKind.SearchUrlOf(Fixtures.Config(Json(endpoint, more), out _)).ToString());

    private void AddNow() => _source.Add(receivedNs: (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);

    private string Json(string? endpoint = null, string more = "") =>
        $$$"""{"id":"d","kind":"newrelic","endpoint":"{{{endpoint ?? _server.Address.ToString()}}}","credential":{"license_key":"nr-key"}{{{more}}}}""";
}
