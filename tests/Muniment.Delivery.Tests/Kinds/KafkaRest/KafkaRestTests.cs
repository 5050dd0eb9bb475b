using System.Text.Json.Nodes;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.KafkaRest;

public sealed class KafkaRestTests : IAsyncLifetime
{
    private readonly StrictKafkaRest _server = new();
    private readonly FakeSource _source = new() { BlockSize = 100 };

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Records_arrive_in_order_under_one_key()
    {
        _source.Add(1200);
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source);
        Assert.Empty(_server.Refusals);
        Assert.Equal(1200, status.Delivered);
        Assert.Equal(Enumerable.Range(0, 1200).Select(i => "e" + i), _server.Taken.Select(t => t.Id));
        JsonNode record = JsonNode.Parse(_server.Taken.ElementAt(7).Json)!;
        Assert.Equal(("d", 7), (record["key"]!.GetValue<string>(), record["value"]!["muniment"]!["n"]!.GetValue<int>()));
    }

    [Fact]
    public async Task Relaxed_spreads_by_id()
    {
        _source.Add(2);
        await KindBench.SendAsync(Json(""","order":"relaxed" """), _source);
        Assert.Equal(["e0", "e1"], _server.Taken.Select(t => JsonNode.Parse(t.Json)!["key"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Refused_records_are_buried_and_others_repeated()
    {
        _source.Add(10);
        _server.Poison["e3"] = 0;
        int left = 1;
        _server.TakePartial = () => left-- > 0; // the first record of the first request: again
        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Equal((9, 1), (status.Delivered, status.DeadLetters));
        Assert.Equal(["e1", "e2", "e4", "e5", "e6", "e7", "e8", "e9", "e0"], _server.Taken.Select(t => t.Id));
        DeadLetter letter = Assert.Single(await store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default));
        Assert.Equal((3, "The record is corrupt"), (letter.Seq, letter.Message));
    }

    [Theory]
    [InlineData("""{"offsets":[{"partition":0,"offset":1,"error_code":null},{"partition":0,"offset":2}]}""", OutcomeKind.Delivered, null)]
    [InlineData("""{"offsets":[{"error_code":2,"error":"x"},{"error_code":2,"error":"x"}]}""", OutcomeKind.RetryLater, "destination_error")]
    [InlineData("""{"offsets":[{"error_code":1,"error":"Not authorized"},{"error_code":1,"error":"x"}]}""", OutcomeKind.Misconfigured, "misconfigured")]
    [InlineData("""{"offsets":[{"error_code":1,"error":"x"},{"partition":0,"offset":1}]}""", OutcomeKind.Partial, "destination_error")]
    [InlineData("""{"offsets":[{"partition":0,"offset":1}]}""", OutcomeKind.RetryLater, "destination_error")]
    [InlineData("""{"ok":true}""", OutcomeKind.RetryLater, "destination_error")]
    [InlineData("", OutcomeKind.RetryLater, "destination_error")]
    [InlineData("<html>", OutcomeKind.Misconfigured, "transport_mismatch")]
    public async Task A_200_is_read_record_by_record(string body, OutcomeKind kind, string? code)
    {
        _source.Add(2);
        _server.Then(200, body);
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal((kind, code), (outcome.Kind, outcome.Code));
    }

    [Theory]
    [InlineData(302, OutcomeKind.Misconfigured)]
    [InlineData(400, OutcomeKind.BadRecord)]
    [InlineData(401, OutcomeKind.CredentialRejected)]
    [InlineData(403, OutcomeKind.CredentialRejected)]
    [InlineData(404, OutcomeKind.Misconfigured)]
    [InlineData(406, OutcomeKind.Misconfigured)]
    [InlineData(408, OutcomeKind.RetryLater)]
    [InlineData(413, OutcomeKind.TooLarge)]
    [InlineData(415, OutcomeKind.Misconfigured)]
    [InlineData(422, OutcomeKind.BadRecord)]
    [InlineData(429, OutcomeKind.RetryLater)]
    [InlineData(500, OutcomeKind.RetryLater)]
    [InlineData(503, OutcomeKind.RetryLater)]
    [InlineData(0, OutcomeKind.RetryLater)]
    public async Task Every_answer_has_its_outcome(int status, OutcomeKind kind)
    {
        _source.Add(2);
        _server.Then(status, StrictKafkaRest.Error(50002, "Kafka words"));
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal(kind, outcome.Kind);
        Assert.True(status is 0 or 302 || outcome.Message.Contains("Kafka words", StringComparison.Ordinal));
        Assert.DoesNotContain("first", outcome.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string> WrongRequests => new()
    {
        { "GET", "1.15: POST" },
        { "another topic", "1.15: /topics" },
        { "no authorization", "1.15: Basic" },
        { "another password", "1.15: Basic" },
        { "json", "1.15: Content-Type" },
        { "version 1", "1.15: Content-Type" },
        { "any answer", "1.15: Accept" },
        { "gzip", "1.15: no compression" },
        { "too large", "1.15: about" },
        { "array", "1.15: {\"records\"" },
        { "empty", "1.15: {\"records\"" },
        { "more members", "1.15: {\"records\"" },
        { "text value", "1.15: a key" },
        { "no key", "1.15: a key" },
        { "headers", "1.15: key, value" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictKafkaRest server = new();
        WireRequest good = await KindBench.CaptureAsync(server, e => Json(endpoint: e));
        WireRequest wrong = what switch
        {
            "GET" => good with { Method = "GET" },
            "another topic" => good with { Path = "/topics/other" },
            "no authorization" => good.WithHeader("Authorization", null),
            "another password" => good.WithHeader("Authorization", "Basic " + Convert.ToBase64String("user:x"u8)),
            "json" => good.WithHeader("Content-Type", "application/json"),
            "version 1" => good.WithHeader("Content-Type", "application/vnd.kafka.json.v1+json"),
            "any answer" => good.WithHeader("Accept", "text/plain"),
            "gzip" => good.WithHeader("Content-Encoding", "gzip"),
            "too large" => good.Edit(t => t + new string(' ', 1_000_000)),
            "array" => good.Edit(t => t["{\"records\":".Length..^1]),
            "empty" => good.WithText("{\"records\":[]}"),
            "more members" => good.Edit(t => t[..^1] + ",\"topic\":\"x\"}"),
            "text value" => good.WithText("{\"records\":[{\"key\":\"d\",\"value\":\"x\"}]}"),
            "no key" => good.WithText("{\"records\":[{\"value\":{\"id\":\"e0\"}}]}"),
            _ => good.WithText("{\"records\":[{\"key\":\"d\",\"value\":{\"id\":\"e0\"},\"headers\":[]}]}"),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "options":{} """, "options.topic")]
    [InlineData(""" "options":{"topic":"a/b"} """, "options.topic")]
    [InlineData(""" "options":{"topic":".."} """, "options.topic")]
    [InlineData(""" "credential":{"username":"u"} """, "credential.password")]
    [InlineData(""" "credential":{"bearer":"b"} """, "credential.bearer")]
    public void Configurations_are_checked(string members, string field)
    {
        JsonObject json = JsonNode.Parse(Json(endpoint: "https://kafka.example"))!.AsObject();
        foreach ((string name, JsonNode? value) in JsonNode.Parse("{" + members + "}")!.AsObject())
        {
            json[name] = value!.DeepClone();
        }

        Assert.Equal(field, KindBench.Refusal(json.ToJsonString()));
    }

    [Fact]
    public async Task The_test_sends_an_event()
    {
        TestReport report = await KindBench.TestAsync(Json());
        Assert.True(report.Ok, string.Join("; ", _server.Refusals));
        Assert.Equal(report.EventId, Assert.Single(_server.Taken).Id);
    }

    private string Json(string more = "", string? endpoint = null) =>
        $$"""{"id":"d","kind":"kafka_rest","endpoint":"{{endpoint ?? _server.Address.ToString()}}","credential":{"username":"user","password":"first"},"options":{"topic":"agents"}{{more}}}""";
}
