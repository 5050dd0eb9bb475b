using System.Text.Json.Nodes;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.EventHubs;

public sealed class EventHubsTests : IAsyncLifetime
{
    private readonly StrictEventHubs _server = new();
    private readonly FakeSource _source = new() { BlockSize = 100 };

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Events_arrive_in_order_in_one_partition_with_marks()
    {
        _source.Add(1200);
        _source.Add(extra: ",\"reason\":\"é😀 \\\" \\\\ \\n\"");
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source);
        Assert.Empty(_server.Refusals);
        Assert.Equal(1201, status.Delivered);
        Assert.Equal(Enumerable.Range(0, 1201).Select(i => "e" + i), _server.Taken.Select(t => t.Id));
        JsonNode last = JsonNode.Parse(_server.Taken.Last().Json)!;
        Assert.Equal("d", last["BrokerProperties"]!["PartitionKey"]!.GetValue<string>());
        JsonNode document = JsonNode.Parse(last["Body"]!.GetValue<string>())!;
        Assert.Equal(("é😀 \" \\ \n", 1200), (document["reason"]!.GetValue<string>(), document["muniment"]!["n"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Relaxed_lets_the_hub_choose_partitions()
    {
        _source.Add(2);
        await KindBench.SendAsync(Json(""","order":"relaxed" """), _source);
        Assert.All(_server.Taken, t => Assert.DoesNotContain("PartitionKey", t.Json, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(201, OutcomeKind.Delivered, null)]
    [InlineData(200, OutcomeKind.Misconfigured, "transport_mismatch")]
    [InlineData(302, OutcomeKind.Misconfigured, "misconfigured")]
    [InlineData(400, OutcomeKind.BadRecord, "destination_error")]
    [InlineData(401, OutcomeKind.CredentialRejected, "credential_rejected")]
    [InlineData(403, OutcomeKind.RetryLater, "rate_limited")]
    [InlineData(404, OutcomeKind.Misconfigured, "misconfigured")]
    [InlineData(410, OutcomeKind.Misconfigured, "misconfigured")]
    [InlineData(413, OutcomeKind.TooLarge, "destination_error")]
    [InlineData(429, OutcomeKind.RetryLater, "rate_limited")]
    [InlineData(500, OutcomeKind.RetryLater, "destination_error")]
    [InlineData(503, OutcomeKind.RetryLater, "destination_error")]
    [InlineData(0, OutcomeKind.RetryLater, "unreachable")]
    public async Task Every_answer_has_its_outcome(int status, OutcomeKind kind, string? code)
    {
        _source.Add(2);
        _server.Then(status, status == 201 ? "" : "<Error><Code>1</Code><Detail>secret words</Detail></Error>", "application/xml");
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal((kind, code), (outcome.Kind, outcome.Code));
        Assert.Equal(status is 403 or 429 or 503 ? TimeSpan.FromSeconds(10) : null, outcome.Delay);
        Assert.DoesNotContain("secret words", outcome.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("first+key", outcome.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> WrongRequests => new()
    {
        { "PUT", "1.14: POST" },
        { "another hub", "1.14: POST" },
        { "another version", "1.14: timeout" },
        { "no authorization", "1.14: SharedAccessSignature" },
        { "bearer", "1.14: SharedAccessSignature" },
        { "another policy", "1.14: unknown policy" },
        { "another resource", "1.14: sr" },
        { "old", "1.14: se" },
        { "longer life", "1.14: the signature" },
        { "json", "1.14: Content-Type" },
        { "gzip", "1.14: no compression" },
        { "object body", "1.14: Body is a string" },
        { "one event", "1.14: a JSON array" },
        { "too large", "1.14: 1 MB" },
        { "unknown member", "1.14: Body, UserProperties" },
        { "nested property", "1.14: properties" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictEventHubs server = new();
        WireRequest good = await KindBench.CaptureAsync(server, e => Json(endpoint: e));
        string authorization = good.Header("Authorization")!;
        WireRequest wrong = what switch
        {
            "PUT" => good with { Method = "PUT" },
            "another hub" => good with { Path = "/other/messages" },
            "another version" => good with { Query = "?api-version=2011-01" },
            "no authorization" => good.WithHeader("Authorization", null),
            "bearer" => good.WithHeader("Authorization", "Bearer x"),
            "another policy" => good.WithHeader("Authorization", authorization.Replace("skn=send", "skn=listen", StringComparison.Ordinal)),
            "another resource" => good.WithHeader("Host", "evil.example"),
            "old" => good.WithHeader("Authorization", System.Text.RegularExpressions.Regex.Replace(authorization, "se=\\d+", "se=1000000000")),
            "longer life" => good.WithHeader("Authorization", System.Text.RegularExpressions.Regex.Replace(authorization, "se=\\d+", "se=9000000000")),
            "json" => good.WithHeader("Content-Type", "application/json"),
            "gzip" => good.WithHeader("Content-Encoding", "gzip"),
            "object body" => good.WithText("[{\"Body\":{\"id\":\"e0\"}}]"),
            "one event" => good.Edit(t => JsonNode.Parse(t)![0]!.ToJsonString()),
            "too large" => good.Edit(t => t + new string(' ', 1_048_576)),
            "unknown member" => good.Edit(t => t.Replace("\"Body\"", "\"body\"", StringComparison.Ordinal)),
            _ => good.Edit(t => t.Replace("\"event_id\":\"e0\"", "\"event_id\":{\"x\":1}", StringComparison.Ordinal)),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""","options":{}""", "options.hub")]
    [InlineData(""","options":{"hub":"a/b"}""", "options.hub")]
    [InlineData(""","batch":{"max_bytes":2000000}""", "batch.max_bytes")]
    [InlineData(""","streams":["otel_logs"]""", "streams")]
    public void Configurations_are_checked(string more, string field)
    {
        JsonObject json = JsonNode.Parse(Json(endpoint: "https://ns.servicebus.windows.net"))!.AsObject();
        foreach ((string name, JsonNode? value) in JsonNode.Parse("{" + more[1..] + "}")!.AsObject())
        {
            json[name] = value!.DeepClone();
        }

        Assert.Equal(field, KindBench.Refusal(json.ToJsonString()));
    }

    [Fact]
    public async Task An_event_over_the_limit_is_never_sent()
    {
        _source.Add(extra: $",\"reason\":\"{new string('x', 1_000_000)}\"");
        Assert.Equal(OutcomeKind.TooLarge, (await KindBench.SendAsync(Json(), _source)).Kind);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task The_test_sends_an_event()
    {
        TestReport report = await KindBench.TestAsync(Json());
        Assert.True(report.Ok, string.Join("; ", _server.Refusals));
        Assert.Equal(report.EventId, Assert.Single(_server.Taken).Id);
    }

    private string Json(string more = "", string? endpoint = null) =>
        $$"""{"id":"d","kind":"event_hubs","endpoint":"{{endpoint ?? _server.Address.ToString()}}","credential":{"key_name":"send","key":"first+key/="},"options":{"hub":"agents"}{{more}}}""";
}
