using System.Text.Json;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Delivery.Tests.Faults;

namespace Muniment.Delivery.Tests.Kinds.Loki;

public sealed class LokiTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 5, TimeSpan.Zero); // when the log of the tests is written

    private readonly StrictLoki _server = new();
    private readonly FakeSource _source = new() { BlockSize = 100 };

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Events_arrive_in_one_stream_with_metadata_and_marks()
    {
        _server.Tenant = "acme";
        _source.Add(3000);
        DestinationStatus status = await KindBench.DeliverAsync(Json(more: ""","options":{"tenant":"acme","labels":{"env":"prod \"x\""}}"""), _source, time: new FastTime(1, Begin));
        Assert.Empty(_server.Refusals);
        Assert.Equal(Enumerable.Range(0, 3000).Select(i => "e" + i), _server.Taken.Select(t => t.Id));
        Assert.Equal(3000, status.Delivered);
        JsonElement stream = JsonSerializer.Deserialize<JsonElement>(_server.Requests.First().Text).GetProperty("streams")[0];
        Assert.Equal("""{"env":"prod \"x\"","job":"muniment"}""", JsonSerializer.Serialize(stream.GetProperty("stream"), new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
        JsonElement entry = stream.GetProperty("values")[7];
        Assert.Equal(("1767225600007000000", "e7", "7"), (entry[0].GetString(), entry[2].GetProperty("event_id").GetString(), entry[2].GetProperty("muniment_n").GetString()));
        Assert.Equal(7, JsonSerializer.Deserialize<JsonElement>(entry[1].GetString()!).GetProperty("muniment").GetProperty("seq").GetInt32());
    }

    [Fact]
    public async Task An_event_that_came_late_is_stored_at_its_arrival_and_not_refused()
    {
        _source.Add(2);
        _source.Add(extra: ""","ts":"2025-12-31T20:00:00Z" """);
        _source.Add(extra: ""","ts":"2025-12-31T23:45:00Z" """);
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, time: new FastTime(1, Begin));
        Assert.Equal((4L, 0), (status.Delivered, status.DeadLetters));
        JsonElement values = JsonSerializer.Deserialize<JsonElement>(_server.Requests.First().Text).GetProperty("streams")[0].GetProperty("values");
        Assert.Equal(("1767225600002000000", "1767224700000000000"), (values[2][0].GetString(), values[3][0].GetString()));
    }

    [Fact]
    public async Task What_is_old_goes_into_a_stream_of_its_hour_and_is_not_behind_what_is_new()
    {
        FastTime time = new(1, Begin + TimeSpan.FromHours(5));
        long now = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        MemoryDestinationStore store = new();
        DeliveryServices services = Fixtures.Services(_source, store, Path.GetTempPath(), time) with { Random = () => 0 };
        for (int minutes = 300; minutes > 0; minutes -= 10)
        {
            _source.Add(receivedNs: now - (minutes * 60_000_000_000));
        }

        await using DestinationRunner runner = await Fixtures.OpenAsync(services, Json());
        await runner.UntilAsync(s => s.Position == _source.Size);
        Assert.True(await runner.RewindAsync(0, default)); // 30 events of five hours, behind what is there by now
        DestinationStatus status = await runner.UntilAsync(s => s.Delivered == 60);
        Assert.Equal((0, 0L), (status.DeadLetters, status.Outcomes[(int)OutcomeKind.Misconfigured]));
        Assert.Empty(_server.Refusals);
        Assert.Equal(60, _server.Taken.Count); // with new numbers they are other lines
        JsonElement[] streams = [.. JsonSerializer.Deserialize<JsonElement>(_server.Requests.First().Text).GetProperty("streams").EnumerateArray()];
        Assert.Equal(
            ["2026-01-01T00", "2026-01-01T01", "2026-01-01T02", "2026-01-01T03", "2026-01-01T04", null],
            streams.Select(s => s.GetProperty("stream").TryGetProperty("muniment_old", out JsonElement hour) ? hour.GetString() : null));
        Assert.All(streams, s => Assert.Equal("muniment", s.GetProperty("stream").GetProperty("job").GetString()));
    }

    [Fact]
    public async Task Refusals_in_two_streams_of_which_Loki_names_one_lose_nothing()
    {
        for (int i = 0; i < 20; i++)
        {
            _source.Add(receivedNs: 1_767_225_600_000_000_000 + (i / 10 * 3_600_000_000_000) + (i * 1_000_000));
        }

        _server.Poison["e3"] = 0;
        _server.Poison["e15"] = 0;
        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Equal((18L, 2, 18), (status.Delivered, status.DeadLetters, _server.Taken.Count));
        Assert.Equal([3L, 15L], (await store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default)).Select(l => l.Seq));
    }

    [Fact]
    public async Task Refused_entries_that_are_named_become_dead_letters_in_one_request()
    {
        _source.Add(100);
        _server.Poison["e37"] = 0;
        _server.Poison["e90"] = 0;
        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Equal((98, 98L, 2, 1), (_server.Taken.Count, status.Delivered, status.DeadLetters, _server.Requests.Count));
        Assert.Equal([37L, 90L], (await store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default)).Select(l => l.Seq));
        Assert.Equal("line is bad", (await store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default))[0].Message);
    }

    [Fact]
    public async Task Refused_entries_without_names_are_found_by_halves_and_nothing_is_stored_twice()
    {
        _source.Add(100);
        _server.Names = false;
        _server.Poison["e37"] = 0;
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source);
        Assert.Equal((99, 1), (_server.Taken.Count, status.DeadLetters));
        Assert.InRange(_server.Requests.Count, 2, 21);
    }

    [Fact]
    public async Task When_every_entry_is_too_old_it_pauses_and_keeps_all()
    {
        _source.Add(5);
        _server.MaxAge = TimeSpan.FromDays(7);
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal(OutcomeKind.Misconfigured, outcome.Kind);
        Assert.Contains("reject_old_samples_max_age", outcome.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_over_256_KB_is_never_sent()
    {
        _source.Add();
        _source.Add(extra: $",\"reason\":\"{new string('x', 270_000)}\"");
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source);
        Assert.Equal((1L, 1), (status.Delivered, status.DeadLetters));
        Assert.Empty(_server.Refusals);
    }

    [Theory]
    [InlineData(204, "", OutcomeKind.Delivered)]
    [InlineData(200, "", OutcomeKind.Delivered)]
    [InlineData(200, "pong", OutcomeKind.Misconfigured)]
    [InlineData(202, "", OutcomeKind.Misconfigured)]
    [InlineData(302, "", OutcomeKind.Misconfigured)]
    [InlineData(400, "error at least one label pair is required per stream", OutcomeKind.BadRecord)]
    [InlineData(400, "stream has structured metadata, but this feature is disabled, see allow_structured_metadata", OutcomeKind.Misconfigured)]
    [InlineData(400, "entry with timestamp 2026-01-01 00:00:00.001 +0000 UTC ignored, reason: 'x',\ntotal ignored: 1 out of 2", OutcomeKind.Partial)]
    [InlineData(400, "entry with timestamp 2026-01-01 00:00:00.001 +0000 UTC ignored, reason: 'x',\ntotal ignored: 2 out of 2", OutcomeKind.BadRecord)]
    [InlineData(400, "entry with timestamp 2026-01-01 00:00:09 +0000 UTC ignored, reason: 'x',\ntotal ignored: 1 out of 2", OutcomeKind.BadRecord)]
    [InlineData(401, "no org id", OutcomeKind.CredentialRejected)]
    [InlineData(403, "", OutcomeKind.CredentialRejected)]
    [InlineData(404, "", OutcomeKind.Misconfigured)]
    [InlineData(413, "", OutcomeKind.TooLarge)]
    [InlineData(429, "ingestion rate limit exceeded", OutcomeKind.RetryLater)]
    [InlineData(500, "", OutcomeKind.RetryLater)]
    [InlineData(503, "", OutcomeKind.RetryLater)]
    [InlineData(0, "", OutcomeKind.RetryLater)]
    public async Task Every_answer_has_its_outcome(int status, string body, OutcomeKind expected)
    {
        _source.Add(2);
        _server.Then(status, body, "text/plain");
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal(expected, outcome.Kind);
        Assert.Equal(expected == OutcomeKind.Partial ? [1] : [], outcome.Rejected.Select(r => r.Index));
    }

    public static TheoryData<string, string> WrongRequests => new()
    {
        { "no tenant", "1.9: tenant header" },
        { "another tenant", "1.9: tenant header" },
        { "no credential", "1.9: Basic" },
        { "PUT", "1.9: POST" },
        { "old path", "1.9: POST" },
        { "text", "1.9: JSON" },
        { "no labels", "1.9: at most 15" },
        { "sixteen labels", "1.9: at most 15" },
        { "label name", "1.9: label names" },
        { "id as label", "1.9: labels are few" },
        { "number", "1.9: an entry" },
        { "milliseconds", "1.9: the time is nanoseconds" },
        { "long line", "1.9: a line" },
        { "metadata number", "1.9: structured metadata are texts" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictLoki server = new() { Tenant = "t", Credential = "Basic dTpw" };
        WireRequest good = await KindBench.CaptureAsync(server, e => Json(e, ""","options":{"tenant":"t"},"credential":{"username":"u","password":"p"}"""));
        WireRequest wrong = what switch
        {
            "no tenant" => good.WithHeader("X-Scope-OrgID", null),
            "another tenant" => good.WithHeader("X-Scope-OrgID", "x"),
            "no credential" => good.WithHeader("Authorization", null),
            "PUT" => good with { Method = "PUT" },
            "old path" => good with { Path = "/api/prom/push" },
            "text" => good.WithHeader("Content-Type", "text/plain"),
            "no labels" => good.Edit(t => System.Text.RegularExpressions.Regex.Replace(t, "\"stream\":{[^}]*}", "\"stream\":{}")),
            "sixteen labels" => good.Edit(t => t.Replace("{\"job\"", "{" + string.Concat(Enumerable.Range(0, 15).Select(i => $"\"l{i}\":\"x\",")) + "\"job\"", StringComparison.Ordinal)),
            "label name" => good.Edit(t => t.Replace("\"job\"", "\"1job\"", StringComparison.Ordinal)),
            "id as label" => good.Edit(t => t.Replace("\"job\"", "\"event_id\"", StringComparison.Ordinal)),
            "number" => good.Edit(t => t.Replace("[\"1767225600000000000\"", "[1767225600000000000", StringComparison.Ordinal)),
            "milliseconds" => good.Edit(t => t.Replace("\"1767225600000000000\"", "\"1767225600000\"", StringComparison.Ordinal)),
            "long line" => good.Edit(t => t.Replace("\"{\\\"id", "\"" + new string(' ', 263_000) + "{\\\"id", StringComparison.Ordinal)),
            _ => good.Edit(t => t.Replace("\"muniment_n\":\"0\"", "\"muniment_n\":0", StringComparison.Ordinal)),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""","options":{"labels":{"a-b":"x"}}""", "options.labels")]
    [InlineData(""","options":{"labels":{"__a":"x"}}""", "options.labels")]
    [InlineData(""","options":{"tenant":"a b"}""", "options.tenant")]
    [InlineData(""","options":{"labels":{"muniment_old":"x"}}""", "options.labels")]
    [InlineData(""","credential":{"bearer":"b","username":"u","password":"p"}""", "credential.bearer")]
    [InlineData(""","credential":{"password":"p"}""", "credential.username")]
    public void Configurations_are_checked(string more, string field) => Assert.Equal(field, KindBench.Refusal(Json("http://127.0.0.1:1", more)));

    [Fact]
    public async Task The_test_searches_back()
    {
        _server.Credential = "Bearer b";
        string json = Json(more: ""","credential":{"bearer":"b"},"options":{"labels":{"env":"prod 🚀"}}""");
        TestReport report = await KindBench.TestAsync(json);
        Assert.Equal(["resolve", "egress", "connect", "auth", "send", "search"], report.Steps.Select(s => s.Step));
        Assert.True(report.Ok);
        _server.Credential = "Bearer c";
        report = await KindBench.TestAsync(json);
        Assert.Equal(("auth", false), (report.Steps[^1].Step, report.Steps[^1].Ok));
    }

    private string Json(string? endpoint = null, string more = "") => $$$"""{"id":"d","kind":"loki","endpoint":"{{{endpoint ?? _server.Address.ToString()}}}"{{{more}}}}""";
}
