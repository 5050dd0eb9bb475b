using System.Text.Json;
using Muniment.Delivery.Kinds.Elastic;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Events;

namespace Muniment.Delivery.Tests.Kinds.Elastic;

public sealed class ElasticTests : IAsyncLifetime
{
    private readonly StrictElastic _server = new();
    private readonly FakeSource _source = new() { BlockSize = 100 };

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Events_arrive_once_with_id_time_and_marks()
    {
        _source.Add(2500);
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source);
        Assert.Empty(_server.Refusals);
        Assert.Equal(Enumerable.Range(0, 2500).Select(i => "e" + i), _server.Taken.Select(t => t.Id));
        JsonElement document = JsonSerializer.Deserialize<JsonElement>(_server.Taken.ElementAt(1).Json);
        Assert.Equal("2026-01-01T00:00:00.001000000Z", document.GetProperty("@timestamp").GetString());
        Assert.Equal((1, 1, "d"), (document.GetProperty("muniment").GetProperty("seq").GetInt32(), document.GetProperty("muniment").GetProperty("n").GetInt32(), document.GetProperty("muniment").GetProperty("destination").GetString()!));
        Assert.Equal(2500, status.Delivered);
    }

    [Fact]
    public async Task Ecs_brings_its_own_timestamp()
    {
        _source.Add(1);
        _server.Then(200, """{"errors":false}""");
        await KindBench.SendAsync(Json(_server.Address.ToString(), ""","format":"ecs" """), _source);
        JsonElement document = JsonSerializer.Deserialize<JsonElement>(_server.Requests.Single().Text.Split('\n')[1], new JsonSerializerOptions { AllowDuplicateProperties = false });
        Assert.StartsWith("2026-01-01T00:00:00", document.GetProperty("@timestamp").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_an_id_of_ours_stands_alone()
    {
        string ours = EventIds.Compute(Fixtures.Tenant, 7, 1_767_225_600_000_000_000);
        string senders = "0198c0de-0000-7000-8000-000000000001";
        Assert.Equal(ours, ElasticId.Of(ours, "log/acme", Fixtures.Tenant, 7));
        Assert.Equal(senders + "~" + Suffix(ours, 8), ElasticId.Of(senders, "log/acme", Fixtures.Tenant, 8));
        Assert.NotEqual(ElasticId.Of(senders, "log/acme", Fixtures.Tenant, 8), ElasticId.Of(senders, "log/acme", Fixtures.Tenant, 9));
        Assert.NotEqual(ElasticId.Of(senders, "log/acme", Fixtures.Tenant, 8), ElasticId.Of(senders, "log/other", Fixtures.Tenant, 8));

        static string Suffix(string other, long seq) => ElasticId.Of(other, "log/acme", Fixtures.Tenant, seq).Split('~')[1]; // our id of another entry is a sender's choice
    }

    [Fact]
    public async Task A_request_whose_outcome_is_unknown_stores_nothing_twice()
    {
        _source.Add(20);
        _server.Then(request =>
        {
            _server.Answer(request);
            return new WireAnswer(0); // stored, and the connection is cut
        });
        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Equal((20, 20L, 0), (_server.Taken.Count, status.Delivered, status.DeadLetters));
        Assert.Equal(_server.Requests.First().Text, _server.Requests.Last().Text);
        Assert.Contains("20 were there", Assert.Single(await store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 10, default)).Json.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_that_is_refused_becomes_a_dead_letter_alone_in_one_request()
    {
        _source.Add(100);
        _server.Poison["e37"] = 0;
        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Equal((99, 1), (_server.Taken.Count, _server.Requests.Count));
        Assert.Equal((99L, 1), (status.Delivered, status.DeadLetters));
        Assert.Equal("document_parsing_exception: failed to parse field [x] of type [long]", Assert.Single(await store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default)).Message);
    }

    [Fact]
    public async Task A_replay_that_is_refused_again_holds_nothing_up()
    {
        _source.Add(20);
        _server.Poison["e3"] = 0;
        _server.Poison["e7"] = 0;
        MemoryDestinationStore store = new();
        await using DestinationRunner runner = await Fixtures.OpenAsync(Fixtures.Services(_source, store, Path.GetTempPath()) with { Random = () => 0 }, Json());
        await runner.UntilAsync(s => s.Position == 20);
        Assert.Equal(2, (await runner.ReplayAsync(null, default)).Queued); // both in one request, and the cause is not gone
        _source.Add(5);
        runner.Kick();
        DestinationStatus status = await runner.UntilAsync(s => s.Position == 25);
        Assert.Equal((23L, 2, Delivery.Machine.DeliveryCondition.Running), (status.Delivered, status.DeadLetters, status.State));
        Assert.Equal(23, _server.Taken.Count);
        _server.Poison.Clear();
        await runner.ReplayAsync(null, default);
        await runner.UntilAsync(s => s.DeadLetters == 0);
    }

    [Fact]
    public async Task All_of_several_refused_pause_and_a_resume_gives_them_up()
    {
        _source.Add(3);
        _server.Poison["e0"] = _server.Poison["e1"] = _server.Poison["e2"] = 0;
        await using DestinationRunner runner = await Fixtures.OpenAsync(Fixtures.Services(_source, new MemoryDestinationStore(), Path.GetTempPath()) with { Random = () => 0 }, Json());
        DestinationStatus status = await runner.UntilAsync(s => s.State == Delivery.Machine.DeliveryCondition.Paused);
        Assert.Equal(("misconfigured", 0), (status.Reason!.Code, status.DeadLetters));
        Assert.Contains("resume", status.Reason.Hint, StringComparison.Ordinal);
        await runner.ResumeAsync(default);
        status = await runner.UntilAsync(s => s.Position == 3);
        Assert.Equal(3, status.DeadLetters);
        _source.Add(2);
        runner.Kick();
        status = await runner.UntilAsync(s => s.Position == 5);
        Assert.Equal((2L, 3), (status.Delivered, status.DeadLetters));
    }

    [Fact]
    public async Task Items_that_were_too_much_are_sent_again_alone()
    {
        _source.Add(4);
        _server.Then(request => _server.Answer(request) with
        {
            Body = """{"errors":true,"items":[{"create":{"status":201}},{"create":{"status":429,"error":{"type":"es_rejected_execution_exception","reason":"queue"}}},{"create":{"status":503,"error":{"type":"unavailable_shards_exception","reason":"s"}}},{"create":{"status":201}}]}""",
        });
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source);
        Assert.Equal((4L, 0), (status.Delivered, status.DeadLetters));
        Assert.Equal(4, _server.Requests.Last().Text.Count(c => c == '\n')); // two documents
    }

    [Fact]
    public async Task An_answer_that_is_too_long_to_read_halves_and_does_not_loop()
    {
        _source.Add(8);
        string reason = new('r', 700_000);
        _server.Then(200, $"{{\"errors\":true,\"items\":[{string.Join(',', Enumerable.Repeat($"{{\"create\":{{\"status\":400,\"error\":{{\"type\":\"t\",\"reason\":\"{reason}\"}}}}}}", 8))}]}}");
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source);
        Assert.Equal((1, 8L, 3), (status.Outcomes[(int)OutcomeKind.TooLarge], status.Delivered, _server.Requests.Count));
    }

    public static TheoryData<int, string, OutcomeKind, string> Answers => new()
    {
        { 200, """{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]}""", OutcomeKind.Delivered, "2 created" },
        { 200, """{"errors":false}""", OutcomeKind.Delivered, "2 created" },
        { 200, """{"errors":true,"items":[{"create":{"status":409,"error":{"type":"version_conflict_engine_exception"}}},{"create":{"status":201}}]}""", OutcomeKind.Delivered, "1 created, 1 were there" },
        { 200, """{"errors":true,"items":[{"create":{"status":429}},{"create":{"status":429}}]}""", OutcomeKind.RetryLater, "" },
        { 200, """{"errors":true,"items":[{"create":{"status":400,"error":{"type":"t","reason":"r"}}},{"create":{"status":503}}]}""", OutcomeKind.Partial, "0 created" },
        { 200, """{"errors":true,"items":[{"create":{"status":403,"error":{"type":"security_exception","reason":"r"}}},{"create":{"status":201}}]}""", OutcomeKind.CredentialRejected, "" },
        { 200, """{"errors":true,"items":[{"create":{"status":403,"error":{"type":"cluster_block_exception","reason":"disk"}}},{"create":{"status":201}}]}""", OutcomeKind.RetryLater, "" },
        { 200, """{"errors":true,"items":[{"create":{"status":404,"error":{"type":"index_not_found_exception","reason":"r"}}},{"create":{"status":201}}]}""", OutcomeKind.Misconfigured, "" },
        { 200, """{"errors":true,"items":[{"create":{"status":201}}]}""", OutcomeKind.RetryLater, "" },
        { 200, """{"errors":true,"items":[{"create":{}},{"create":[]}]}""", OutcomeKind.RetryLater, "" },
        { 200, """{"errors":tr""", OutcomeKind.RetryLater, "" },
        { 200, """{"hello":"world"}""", OutcomeKind.Misconfigured, "" },
        { 200, "<html>login</html>", OutcomeKind.Misconfigured, "" },
        { 200, """{"errors":true,"items":[{"create":{"status":400,"error":{"type":"illegal_argument_exception","reason":"pipeline with id [x] does not exist"}}},{"create":{"status":400,"error":{"type":"illegal_argument_exception","reason":"r"}}}]}""", OutcomeKind.Misconfigured, "" },
        { 400, """{"error":{"type":"illegal_argument_exception"}}""", OutcomeKind.Misconfigured, "" },
        { 401, "", OutcomeKind.CredentialRejected, "" },
        { 403, """{"error":{"type":"security_exception"}}""", OutcomeKind.CredentialRejected, "" },
        { 404, "", OutcomeKind.Misconfigured, "" },
        { 413, "", OutcomeKind.TooLarge, "" },
        { 429, "", OutcomeKind.RetryLater, "" },
        { 500, "", OutcomeKind.RetryLater, "" },
        { 502, "", OutcomeKind.RetryLater, "" },
        { 503, "", OutcomeKind.RetryLater, "" },
        { 504, "", OutcomeKind.RetryLater, "" },
        { 302, "", OutcomeKind.Misconfigured, "" },
        { 0, "", OutcomeKind.RetryLater, "" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Every_answer_has_its_outcome(int status, string body, OutcomeKind expected, string response)
    {
        _source.Add(2);
        _server.Then(status, body);
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal(expected, outcome.Kind);
        Assert.Contains(response, outcome.Response, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> WrongRequests => new()
    {
        { "no key", "1.8: auth" },
        { "another key", "1.8: auth" },
        { "PUT", "1.8: POST" },
        { "another path", "1.8: POST" },
        { "plain json", "1.8: Content-Type" },
        { "no final newline", "1.8: the final newline" },
        { "odd lines", "1.8: NDJSON pairs" },
        { "index", "1.8: data streams accept only create" },
        { "capital", "1.8: a data stream" },
        { "long id", "1.8: an _id" },
        { "no timestamp", "1.8: data streams need @timestamp" },
        { "no document", "unreadable" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictElastic server = new();
        WireRequest good = await KindBench.CaptureAsync(server, Json);
        WireRequest wrong = what switch
        {
            "no key" => good.WithHeader("Authorization", null),
            "another key" => good.WithHeader("Authorization", "ApiKey eDp5"),
            "PUT" => good with { Method = "PUT" },
            "another path" => good with { Path = "/bulk" },
            "plain json" => good.WithHeader("Content-Type", "application/json"),
            "no final newline" => good.Edit(t => t[..^1]),
            "odd lines" => good.Edit(t => t + "{}\n"),
            "index" => good.Edit(t => t.Replace("\"create\"", "\"index\"", StringComparison.Ordinal)),
            "capital" => good.Edit(t => t.Replace("logs-muniment-default", "logs-Muniment-default", StringComparison.Ordinal)),
            "long id" => good.Edit(t => t.Replace("\"_id\":\"", "\"_id\":\"" + new string('x', 512), StringComparison.Ordinal)),
            "no timestamp" => good.Edit(t => t.Replace("\"@timestamp\"", "\"timestamp\"", StringComparison.Ordinal)),
            _ => good.Edit(t => t.Replace("{\"@timestamp\"", "[\"@timestamp\"", StringComparison.Ordinal)),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_test_searches_back_where_the_key_may_read()
    {
        TestReport report = await KindBench.TestAsync(Json());
        Assert.Equal(["resolve", "egress", "connect", "auth", "send", "search"], report.Steps.Select(s => s.Step));
        Assert.True(report.Ok);
        Assert.Equal(report.EventId, Assert.Single(_server.Taken).Id);
        _server.MaySearch = false;
        report = await KindBench.TestAsync(Json());
        Assert.Equal(("send", true), (report.Steps[^1].Step, report.Ok));
    }

    [Fact]
    public async Task A_test_with_a_wrong_key_fails_at_auth()
    {
        _server.Key = "other";
        TestReport report = await KindBench.TestAsync(Json());
        Assert.Equal(("auth", false), (report.Steps[^1].Step, report.Ok));
        Assert.DoesNotContain("aWQ6a2V5", JsonSerializer.Serialize(report), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""","options":{"data_stream":"Logs"}""", "options.data_stream")]
    [InlineData(""","options":{"data_stream":"../_cluster"}""", "options.data_stream")]
    [InlineData(""","options":{"index":"x"}""", "options.index")]
    [InlineData(""","streams":["otel_logs"]""", "streams")]
    public void Configurations_are_checked(string more, string field) => Assert.Equal(field, KindBench.Refusal(Json("http://127.0.0.1:1", more)));

    [Theory]
    [InlineData("""{"api_key":"a b"}""", "credential.api_key")]
    [InlineData("""{"username":"u"}""", "credential.password")]
    [InlineData("""{"api_key":"k","username":"u","password":"p"}""", "credential.api_key")]
    [InlineData("""{"username":"u:v","password":"p"}""", "credential.username")]
    public void Credentials_are_checked(string credential, string field) =>
        Assert.Equal(field, KindBench.Refusal($$"""{"id":"d","kind":"elastic","endpoint":"https://e.example","credential":{{credential}}}"""));

    [Fact]
    public async Task Basic_and_a_raw_key_are_encoded()
    {
        _source.Add(1);
        _server.Then(200, """{"errors":false}""");
        _server.Then(200, """{"errors":false}""");
        await KindBench.SendAsync($$$"""{"id":"d","kind":"elastic","endpoint":"{{{_server.Address}}}","credential":{"username":"u","password":"pä"}}""".Replace("pä", "p!", StringComparison.Ordinal), _source);
        await KindBench.SendAsync($$$"""{"id":"d","kind":"elastic","endpoint":"{{{_server.Address}}}","credential":{"api_key":"id:key"}}""", _source);
        Assert.Equal(["Basic dTpwIQ==", "ApiKey aWQ6a2V5"], _server.Requests.Select(r => r.Header("Authorization")));
    }

    private string Json() => Json(_server.Address.ToString());

    private static string Json(string endpoint) => Json(endpoint, "");

    private static string Json(string endpoint, string more) => $$$"""{"id":"d","kind":"elastic","endpoint":"{{{endpoint}}}","credential":{"api_key":"aWQ6a2V5"}{{{more}}}}""";
}
