using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.Sentinel;

public sealed class SentinelTests : IAsyncLifetime
{
    private readonly StrictSentinel _server = new();
    private readonly FakeSource _source = new() { BlockSize = 100 };

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Rows_arrive_with_one_token_under_1_MB_a_call()
    {
        for (int i = 0; i < 600; i++)
        {
            _source.Add(result: "denied", extra: $",\"reason\":\"{new string('é', 2000)}\"", receivedNs: (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
        }

        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Empty(_server.Refusals);
        Assert.Equal(Enumerable.Range(0, 600).Select(i => "e" + i), _server.Taken.Select(t => t.Id));
        Assert.Equal((600L, 1), (status.Delivered, _server.TokensGiven));
        Assert.InRange(_server.Requests.Count, 3, 10);
        JsonElement row = JsonSerializer.Deserialize<JsonElement>(_server.Taken.ElementAt(7).Json);
        Assert.Equal(("tool.call", "denied", "u2"), (row.GetProperty("Action").GetString(), row.GetProperty("Result").GetString(), row.GetProperty("Actor").GetString()));
        Assert.Equal(7, row.GetProperty("Event").GetProperty("muniment").GetProperty("n").GetInt32());
        Assert.DoesNotContain("warning", string.Concat((await store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 100, default)).Select(r => r.Json.Text())), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_older_than_two_days_are_told_in_the_receipt()
    {
        _source.Add(3); // of 2026-01-01
        MemoryDestinationStore store = new();
        await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Contains("warning: 3 of 3 older than 2 days", Assert.Single(await store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 10, default)).Json.Text(), StringComparison.Ordinal);
        Assert.Equal("2026-01-01T00:00:00.0000000Z", JsonSerializer.Deserialize<JsonElement>(_server.Taken.First().Json).GetProperty("TimeGenerated").GetString());
    }

    [Fact]
    public async Task A_row_that_Sentinel_would_cut_is_never_sent()
    {
        _source.Add();
        _source.Add(extra: $",\"reason\":\"{new string('x', 70_000)}\"");
        _source.Add();
        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Equal(["e0", "e2"], _server.Taken.Select(t => t.Id));
        Assert.Equal(1, status.DeadLetters);
        Assert.Contains("64 KB", Assert.Single(await store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revoked_token_is_renewed_within_the_same_attempt()
    {
        _source.Add(1);
        DestinationConfig config = Fixtures.Config(Json(), out SecretBag secrets);
        using Batch batch = await KindBench.BuildAsync(config, _source);
        await using IDestinationSender sender = KindBench.Sender(config, secrets);
        BatchSlice slice = new(batch, 0, 0, 1);
        int given = _server.TokensGiven;
        Assert.Equal(OutcomeKind.Delivered, (await sender.SendAsync(slice, default)).Kind);
        _server.Revoke();
        Assert.Equal(OutcomeKind.Delivered, (await sender.SendAsync(slice, default)).Kind);
        Assert.Equal(given + 2, _server.TokensGiven);
    }

    [Fact]
    public async Task A_new_token_that_is_refused_pauses()
    {
        _source.Add(1);
        _server.Then(_ =>
        {
            _server.Revoke();
            return null;
        });
        Assert.Equal(OutcomeKind.CredentialRejected, (await KindBench.SendAsync(Json(), _source)).Kind);
        Assert.Equal(1, _server.TokensGiven);
    }

    [Theory]
    [InlineData(204, "", OutcomeKind.Delivered)]
    [InlineData(200, "", OutcomeKind.Misconfigured)]
    [InlineData(302, "", OutcomeKind.Misconfigured)]
    [InlineData(400, """{"error":{"code":"InvalidPayload"}}""", OutcomeKind.BadRecord)]
    [InlineData(400, """{"error":{"code":"InvalidStream"}}""", OutcomeKind.Misconfigured)]
    [InlineData(400, """{"error":{"code":"InvalidTransformOutput"}}""", OutcomeKind.Misconfigured)]
    [InlineData(401, "", OutcomeKind.CredentialRejected)]
    [InlineData(403, "", OutcomeKind.CredentialRejected)]
    [InlineData(404, "", OutcomeKind.Misconfigured)]
    [InlineData(413, """{"error":{"code":"ContentLengthLimitExceeded"}}""", OutcomeKind.TooLarge)]
    [InlineData(429, "", OutcomeKind.RetryLater)]
    [InlineData(500, "", OutcomeKind.RetryLater)]
    [InlineData(502, "", OutcomeKind.RetryLater)]
    [InlineData(503, "", OutcomeKind.RetryLater)]
    [InlineData(504, "", OutcomeKind.RetryLater)]
    [InlineData(0, "", OutcomeKind.RetryLater)]
    public async Task Every_answer_has_its_outcome(int status, string body, OutcomeKind expected)
    {
        _source.Add(2);
        _server.Then(status, body, retryAfter: "3");
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal(expected, outcome.Kind);
        Assert.Equal(expected == OutcomeKind.RetryLater && status != 0 ? TimeSpan.FromSeconds(3) : null, outcome.Delay);
    }

    [Fact]
    public async Task A_wrong_secret_pauses_and_is_nowhere_in_the_text()
    {
        _source.Add(1);
        DeliveryOutcome outcome = await KindBench.SendAsync(Json().Replace("s3cret+&=", "s3cret-other", StringComparison.Ordinal), _source);
        Assert.Equal((OutcomeKind.CredentialRejected, "no token: HTTP 401: invalid_client"), (outcome.Kind, outcome.Message));
        Assert.DoesNotContain("s3cret", outcome.ToString(), StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Theory]
    [InlineData("http://10.1.2.3")]
    [InlineData("http://169.254.169.254")]
    public async Task The_authority_passes_the_egress_guard(string authority)
    {
        _source.Add(1);
        DeliveryOutcome outcome = await KindBench.SendAsync(Json().Replace($"\"authority\":\"{_server.Address}\"", $"\"authority\":\"{authority}\"", StringComparison.Ordinal), _source);
        Assert.Equal((OutcomeKind.Misconfigured, "egress_refused"), (outcome.Kind, outcome.Code));
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task Asim_rows_have_columns_of_their_own()
    {
        _source.Add(1);
        _server.Then(204);
        Assert.Equal(OutcomeKind.Delivered, (await KindBench.SendAsync(Json()[..^1] + ""","format":"asim"}""", _source)).Kind);
        JsonElement row = JsonSerializer.Deserialize<JsonElement>(_server.Requests.Single().Text, new JsonSerializerOptions { AllowDuplicateProperties = false })[0];
        Assert.Equal("2026-01-01T00:00:00.0000000Z", row.GetProperty("TimeGenerated").GetString());
        Assert.Equal(0, row.GetProperty("AdditionalFields").GetProperty("muniment").GetProperty("n").GetInt32());
    }

    public static TheoryData<string, string> WrongRequests => new()
    {
        { "no token", "1.6: Authorization" },
        { "basic", "1.6: Authorization" },
        { "another token", "1.6: Authorization" },
        { "PUT", "1.6: POST" },
        { "another rule", "1.6: POST" },
        { "another stream", "1.6: POST" },
        { "old version", "1.6: api-version" },
        { "lines", "1.6: Content-Type" },
        { "deflate", "1.6: Content-Encoding" },
        { "object", "1.6: the body is a JSON array" },
        { "too large", "1.6: 1 MB" },
        { "column", "1.6: a column that is not declared" },
        { "field", "1.6: a field over 64 KB" },
        { "no time", "1.6: rows have TimeGenerated" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictSentinel server = new();
        WireRequest good = await KindBench.CaptureAsync(server, e => Json(e));
        WireRequest wrong = what switch
        {
            "no token" => good.WithHeader("Authorization", null),
            "basic" => good.WithHeader("Authorization", "Basic dG9rZW4tMQ=="),
            "another token" => good.WithHeader("Authorization", "Bearer token-9"),
            "PUT" => good with { Method = "PUT" },
            "another rule" => good with { Path = good.Path.Replace("dcr-0123", "dcr-9", StringComparison.Ordinal) },
            "another stream" => good with { Path = good.Path.Replace("Custom-Muniment_CL", "Muniment_CL", StringComparison.Ordinal) },
            "old version" => good with { Query = "?api-version=2016-04-01" },
            "lines" => good.WithHeader("Content-Type", "application/x-ndjson"),
            "deflate" => good.WithHeader("Content-Encoding", "deflate"),
            "object" => good.Edit(t => "{\"records\":" + t + "}"),
            "too large" => good.Edit(t => t + new string(' ', 1_000_000)),
            "column" => good.Edit(t => t.Replace("\"Actor\"", "\"actor\"", StringComparison.Ordinal)),
            "field" => good.Edit(t => t.Replace("\"Action\":\"", "\"Action\":\"" + new string('x', 66_000), StringComparison.Ordinal)),
            _ => good.Edit(t => t.Replace("\"TimeGenerated\":\"", "\"TimeGenerated\":\"soon", StringComparison.Ordinal)),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""","options":{"stream":"Custom-X_CL"}""", "options.dcr")]
    [InlineData(""","options":{"dcr":"../../x"}""", "options.dcr")]
    [InlineData(""","options":{"dcr":"dcr-1","authority":"ftp://x"}""", "options.authority")]
    [InlineData(""","options":{"dcr":"dcr-1"},"batch":{"max_bytes":1000000}""", "batch.max_bytes")]
    public void Configurations_are_checked(string options, string field) => Assert.Equal(field, KindBench.Refusal(
        $$$"""{"id":"d","kind":"sentinel","endpoint":"https://x.ingest.monitor.azure.com","credential":{"tenant_id":"t","client_id":"c","client_secret":"s"}{{{options}}}}"""));

    [Fact]
    public async Task The_test_sends_a_row_or_says_which_part_of_the_credential_is_wrong()
    {
        TestReport report = await KindBench.TestAsync(Json());
        Assert.Equal(["resolve", "egress", "connect", "auth", "send"], report.Steps.Select(s => s.Step));
        Assert.Equal(report.EventId, Assert.Single(_server.Taken).Id);
        _server.Accepts = _ => false;
        report = await KindBench.TestAsync(Json());
        Assert.Equal(("auth", false), (report.Steps[^1].Step, report.Steps[^1].Ok));
        Assert.Contains("credential.client_secret", report.Steps[^1].Hint, StringComparison.Ordinal);
    }

    private string Json() => Json(_server.Address.ToString());

    private static string Json(string endpoint) => $$$"""
        {"id":"d","kind":"sentinel","endpoint":"{{{endpoint}}}","credential":{"tenant_id":"tenant-1","client_id":"client-1","client_secret":"s3cret+&="},
         "options":{"dcr":"dcr-0123","stream":"Custom-Muniment_CL","authority":"{{{endpoint}}}"}}
        """;
}
