using System.Text.Json;
using System.Text.Json.Nodes;
using Muniment.Delivery.Configuration;
using Muniment.Delivery.Kinds.PubSub;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.PubSub;

public sealed class PubSubTests : IAsyncLifetime
{
    private readonly StrictPubSub _server = new();
    private readonly FakeSource _source = new() { BlockSize = 100 };

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Messages_arrive_in_order_with_one_token()
    {
        _source.Add(2200);
        _source.Add(extra: ",\"reason\":\"é😀 \\\" \\\\ \\n\"");
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source);
        Assert.Empty(_server.Refusals);
        Assert.Equal((2201, 1), (status.Delivered, _server.TokensGiven));
        Assert.Equal(Enumerable.Range(0, 2201).Select(i => "e" + i), _server.Taken.Select(t => t.Id));
        JsonNode last = JsonNode.Parse(_server.Taken.Last().Json)!;
        Assert.Equal(("d", "é😀 \" \\ \n", 2200), (last["orderingKey"]!.GetValue<string>(), last["document"]!["reason"]!.GetValue<string>(), last["document"]!["muniment"]!["n"]!.GetValue<int>()));
    }

    [Fact]
    public async Task A_token_that_is_revoked_is_fetched_anew()
    {
        _source.Add(1);
        DestinationConfig config = Fixtures.Config(Json(), out SecretBag secrets);
        using Batches.Batch batch = await KindBench.BuildAsync(config, _source);
        await using Delivery.Kinds.IDestinationSender sender = KindBench.Sender(config, secrets);
        Assert.Equal(OutcomeKind.Delivered, (await sender.SendAsync(new Batches.BatchSlice(batch, 0, 0, 1), default)).Kind);
        _server.Revoke();
        Assert.Equal(OutcomeKind.Delivered, (await sender.SendAsync(new Batches.BatchSlice(batch, 0, 0, 1), default)).Kind);
        Assert.Equal(2, _server.TokensGiven);
    }

    [Theory]
    [InlineData(302, "", OutcomeKind.Misconfigured, "misconfigured")]
    [InlineData(400, "INVALID_ARGUMENT", OutcomeKind.BadRecord, "destination_error")]
    [InlineData(400, "FAILED_PRECONDITION", OutcomeKind.Misconfigured, "misconfigured")]
    [InlineData(401, "UNAUTHENTICATED", OutcomeKind.CredentialRejected, "credential_rejected")]
    [InlineData(403, "PERMISSION_DENIED", OutcomeKind.CredentialRejected, "credential_rejected")]
    [InlineData(404, "NOT_FOUND", OutcomeKind.Misconfigured, "misconfigured")]
    [InlineData(409, "ABORTED", OutcomeKind.RetryLater, "destination_error")]
    [InlineData(413, "", OutcomeKind.TooLarge, "destination_error")]
    [InlineData(429, "RESOURCE_EXHAUSTED", OutcomeKind.RetryLater, "rate_limited")]
    [InlineData(499, "CANCELLED", OutcomeKind.RetryLater, "destination_error")]
    [InlineData(500, "INTERNAL", OutcomeKind.RetryLater, "destination_error")]
    [InlineData(503, "UNAVAILABLE", OutcomeKind.RetryLater, "destination_error")]
    [InlineData(504, "DEADLINE_EXCEEDED", OutcomeKind.RetryLater, "destination_error")]
    [InlineData(0, "", OutcomeKind.RetryLater, "unreachable")]
    public async Task Every_answer_has_its_outcome(int status, string word, OutcomeKind kind, string code)
    {
        _source.Add(2);
        _server.Then(status, StrictPubSub.Error(status, word, "3.5s"));
        if (status == 401)
        {
            _server.Then(status, StrictPubSub.Error(status, word)); // a new token does not help
        }

        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal((kind, code), (outcome.Kind, outcome.Code));
        Assert.Equal(status is 409 or 429 or 499 or 500 or 503 or 504 ? TimeSpan.FromSeconds(3.5) : null, outcome.Delay);
        Assert.True(status != 400 || outcome.Message == $"HTTP 400: {word} words of Google");
    }

    [Theory]
    [InlineData("{}", OutcomeKind.RetryLater)]
    [InlineData("""{"messageIds":["1"]}""", OutcomeKind.RetryLater)]
    [InlineData("""{"messageIds":["1","2"]}""", OutcomeKind.Delivered)]
    [InlineData("<html>", OutcomeKind.Misconfigured)]
    public async Task A_success_names_every_message(string body, OutcomeKind kind)
    {
        _source.Add(2);
        _server.Then(200, body);
        Assert.Equal(kind, (await KindBench.SendAsync(Json(), _source)).Kind);
    }

    [Fact]
    public async Task A_refused_account_pauses_and_says_only_the_word()
    {
        _source.Add(1);
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(account: StrictPubSub.Account(_server.Address.ToString(), renewed: true)), _source);
        Assert.Equal((OutcomeKind.CredentialRejected, "no token: HTTP 400: invalid_grant"), (outcome.Kind, outcome.Message));
        Assert.DoesNotContain("PRIVATE KEY", outcome.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_address_inside_the_credential_passes_the_guard()
    {
        _source.Add(1);
        string account = StrictPubSub.Account("http://169.254.169.254");
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(account: account), _source);
        Assert.Equal((OutcomeKind.Misconfigured, "egress_refused"), (outcome.Kind, outcome.Code));
        Assert.Empty(_server.Requests);
    }

    public static TheoryData<string, string> WrongRequests => new()
    {
        { "PUT", "1.17: POST" },
        { "another topic", "1.17: POST" },
        { "query", "1.17: POST" },
        { "no authorization", "1.17: Bearer" },
        { "another token", "1.17: Bearer" },
        { "text", "1.17: Content-Type" },
        { "array", "1.17: {\"messages\"" },
        { "empty", "1.17: {\"messages\"" },
        { "too many", "1.17: at most" },
        { "too large", "1.17: 10 MB" },
        { "plain data", "1.17: data is base64" },
        { "no data", "1.17: data is base64" },
        { "number", "1.17: attributes" },
        { "unknown member", "1.17: data, attributes" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictPubSub server = new();
        await server.StartAsync();
        _source.Add(1);
        Assert.Equal(OutcomeKind.Delivered, (await KindBench.SendAsync(Json(endpoint: server.Address.ToString(), account: StrictPubSub.Account(server.Address.ToString())), _source)).Kind);
        WireRequest good = Assert.Single(server.Requests);
        WireRequest wrong = what switch
        {
            "PUT" => good with { Method = "PUT" },
            "another topic" => good with { Path = "/v1/projects/p-1/topics/other:publish" },
            "query" => good with { Query = "?key=1" },
            "no authorization" => good.WithHeader("Authorization", null),
            "another token" => good.WithHeader("Authorization", "Bearer ya29.x"),
            "text" => good.WithHeader("Content-Type", "text/plain"),
            "array" => good.Edit(t => t["{\"messages\":".Length..^1]),
            "empty" => good.WithText("{\"messages\":[]}"),
            "too many" => good.WithText("{\"messages\":[" + string.Join(',', Enumerable.Repeat("{\"data\":\"e30=\"}", 1001)) + "]}"),
            "too large" => good.Edit(t => t + new string(' ', StrictPubSub.MaxRequestBytes)),
            "plain data" => good.Edit(t => t.Replace("\"data\":\"", "\"data\":\"{", StringComparison.Ordinal)),
            "no data" => good.WithText("{\"messages\":[{\"attributes\":{\"event_id\":\"e0\"}}]}"),
            "number" => good.Edit(t => t.Replace("\"event_id\":\"e0\"", "\"event_id\":0", StringComparison.Ordinal)),
            _ => good.Edit(t => t.Replace("\"data\"", "\"body\"", StringComparison.Ordinal)),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "options":{"topic":"agents"} """, "options.project")]
    [InlineData(""" "options":{"project":"p-1"} """, "options.topic")]
    [InlineData(""" "options":{"project":"p/1","topic":"agents"} """, "options.project")]
    [InlineData(""" "credential":{"service_account":{"type":"x"}} """, "credential.service_account")]
    [InlineData(""" "credential":{} """, "credential.service_account")]
    [InlineData(""" "batch":{"max_events":1001} """, "batch.max_events")]
    public void Configurations_are_checked(string members, string field)
    {
        JsonObject json = JsonNode.Parse(Json())!.AsObject();
        foreach ((string name, JsonNode? value) in JsonNode.Parse("{" + members + "}")!.AsObject())
        {
            json[name] = value!.DeepClone();
        }

        Assert.Equal(field, KindBench.Refusal(json.ToJsonString()));
    }

    [Fact]
    public void Without_an_endpoint_it_is_Googles()
    {
        DestinationConfig config = Fixtures.Config(Json(endpoint: ""), out _);
        Assert.Equal("https://pubsub.googleapis.com/", new PubSubKind().Address(config).ToString());
    }

    [Fact]
    public async Task The_test_sends_an_event()
    {
        TestReport report = await KindBench.TestAsync(Json());
        Assert.True(report.Ok, string.Join("; ", _server.Refusals));
        Assert.Equal(report.EventId, Assert.Single(_server.Taken).Id);
    }

    /// <summary>The account as an object when it is ours, as a string otherwise: both are taken.</summary>
    private string Json(string? endpoint = null, string? account = null) =>
        $$"""{"id":"d","kind":"pubsub","endpoint":"{{endpoint ?? _server.Address.ToString()}}","credential":{"service_account":{{(account is null ? StrictPubSub.Account(_server.Address.ToString()) : JsonSerializer.Serialize(account))}} },"options":{"project":"p-1","topic":"agents"} }""";
}
