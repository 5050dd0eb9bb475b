using System.Text.Json.Nodes;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.KafkaRest;

public sealed class KafkaVersion3Tests : IAsyncLifetime
{
    private const string Ok = """{"error_code":200,"partition_id":0,"offset":7}""";

    private readonly StrictKafkaVersion3 _server = new();
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
        Assert.Equal(("d", 7), (record["key"]!["data"]!.GetValue<string>(), record["value"]!["data"]!["muniment"]!["n"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData(Ok + Ok + Ok, OutcomeKind.Delivered, "", "")]
    [InlineData(Ok + """{"error_code":413,"message":"too big"}""" + Ok, OutcomeKind.Partial, "1", "")]
    [InlineData(Ok + """{"error_code":429}{"error_code":500}""", OutcomeKind.Partial, "", "1,2")]
    [InlineData(Ok + "\r\n" + """{"error_code":2""", OutcomeKind.Partial, "", "1,2")]
    [InlineData("""{"error_code":429}{"error_code":503}{"error_code":408}""", OutcomeKind.RetryLater, "", "")]
    [InlineData("""{"error_code":400}{"error_code":400}{"error_code":422}""", OutcomeKind.Misconfigured, "0,1,2", "")]
    [InlineData(Ok + """{"error_code":403,"message":"no"}""" + Ok, OutcomeKind.CredentialRejected, "", "")]
    [InlineData("""{"error_code":404}{"error_code":404}{"error_code":404}""", OutcomeKind.Misconfigured, "", "")]
    [InlineData("", OutcomeKind.RetryLater, "", "")]
    [InlineData("ok", OutcomeKind.RetryLater, "", "")]
    [InlineData("<html>", OutcomeKind.Misconfigured, "", "")]
    public async Task An_answer_is_read_record_by_record(string body, OutcomeKind kind, string refused, string again)
    {
        _source.Add(3);
        _server.Then(200, body);
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal((kind, refused, again), (outcome.Kind, string.Join(',', outcome.Rejected.Select(r => r.Index)), string.Join(',', outcome.Again)));
    }

    [Theory]
    [InlineData(400, OutcomeKind.BadRecord)]
    [InlineData(401, OutcomeKind.CredentialRejected)]
    [InlineData(404, OutcomeKind.Misconfigured)]
    [InlineData(413, OutcomeKind.TooLarge)]
    [InlineData(422, OutcomeKind.BadRecord)]
    [InlineData(429, OutcomeKind.RetryLater)]
    [InlineData(500, OutcomeKind.RetryLater)]
    public async Task Every_status_has_its_outcome(int status, OutcomeKind kind)
    {
        _source.Add(2);
        _server.Then(status, StrictKafkaRest.Error(status, "Kafka words"));
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal(kind, outcome.Kind);
        Assert.Contains("Kafka words", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_that_waits_is_rendered_anew_when_the_version_changes()
    {
        await using StrictKafkaRest old = new() { User = "user:other" };
        await old.StartAsync();
        _source.Add(20);
        MemoryDestinationStore store = new();
        await using DestinationRunner runner = await Fixtures.OpenAsync(
            Fixtures.Services(_source, store, Path.GetTempPath()) with { Random = () => 0 }, Json().Replace(",\"cluster\":\"lkc-1\"", "", StringComparison.Ordinal).Replace(_server.Address + "kafka", old.Address.ToString(), StringComparison.Ordinal));
        await runner.UntilAsync(s => s.State == Delivery.Machine.DeliveryCondition.Paused); // by the credential: the batch itself is not suspect
        Assert.Equal(ConfigureStatus.Done, (await runner.ConfigureAsync(System.Text.Encoding.UTF8.GetBytes(Json()), null, default)).Status);
        DestinationStatus status = await runner.UntilAsync(s => s.Position == 20);
        Assert.Equal((20L, 0), (status.Delivered, status.DeadLetters));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => "e" + i), _server.Taken.Select(t => t.Id));
        Assert.Empty(_server.Refusals);
    }

    public static TheoryData<string, string> WrongRequests => new()
    {
        { "GET", "1.15: POST" },
        { "version 2 path", "1.15: /v3" },
        { "another cluster", "1.15: /v3" },
        { "no authorization", "1.15: Basic" },
        { "another password", "1.15: Basic" },
        { "version 2 type", "1.15: Content-Type" },
        { "any answer", "1.15: Accept" },
        { "gzip", "1.15: no compression" },
        { "too large", "1.15: about" },
        { "array", "1.15: records one" },
        { "version 2 record", "1.15: a key" },
        { "no key", "1.15: a key" },
        { "text value", "1.15: a value" },
        { "more members", "1.15: members" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictKafkaVersion3 server = new();
        WireRequest good = await KindBench.CaptureAsync(server, e => Json(e));
        WireRequest wrong = what switch
        {
            "GET" => good with { Method = "GET" },
            "version 2 path" => good with { Path = "/topics/agents" },
            "another cluster" => good with { Path = good.Path.Replace("lkc-1", "lkc-2", StringComparison.Ordinal) },
            "no authorization" => good.WithHeader("Authorization", null),
            "another password" => good.WithHeader("Authorization", "Basic " + Convert.ToBase64String("user:x"u8)),
            "version 2 type" => good.WithHeader("Content-Type", "application/vnd.kafka.json.v2+json"),
            "any answer" => good.WithHeader("Accept", "text/plain"),
            "gzip" => good.WithHeader("Content-Encoding", "gzip"),
            "too large" => good.Edit(t => t + new string(' ', 1_000_000)),
            "array" => good.Edit(t => "[" + t + "]"),
            "version 2 record" => good.WithText("{\"key\":\"d\",\"value\":{\"id\":\"e0\"}}"),
            "no key" => good.WithText("{\"value\":{\"type\":\"JSON\",\"data\":{\"id\":\"e0\"}}}"),
            "text value" => good.Edit(t => t.Replace("\"type\":\"JSON\"", "\"type\":\"STRING\"", StringComparison.Ordinal)),
            _ => good.Edit(t => t.Replace("{\"key\"", "{\"topic\":\"x\",\"key\"", StringComparison.Ordinal)),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_test_sends_an_event()
    {
        TestReport report = await KindBench.TestAsync(Json());
        Assert.True(report.Ok, string.Join("; ", _server.Refusals));
        Assert.Equal(report.EventId, Assert.Single(_server.Taken).Id);
        Assert.Equal("options.cluster", KindBench.Refusal(Json().Replace("lkc-1", "a/b", StringComparison.Ordinal)));
    }

    private string Json(string? endpoint = null) =>
        $$"""{"id":"d","kind":"kafka_rest","endpoint":"{{endpoint ?? _server.Address.ToString()}}kafka","credential":{"username":"user","password":"first"},"options":{"topic":"agents","cluster":"lkc-1"} }""";
}
