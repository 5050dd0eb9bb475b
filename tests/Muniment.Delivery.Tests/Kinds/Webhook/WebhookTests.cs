using System.Text;
using System.Text.Json;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.Webhook;

public sealed class WebhookTests : IAsyncLifetime
{
    private readonly StrictReceiver _server = new();
    private readonly FakeSource _source = new() { BlockSize = 100 };

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Events_arrive_signed_in_order_with_marks()
    {
        _source.Add(300);
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source);
        Assert.Empty(_server.Refusals);
        Assert.Equal(Enumerable.Range(0, 300).Select(i => "e" + i), _server.Taken.Select(t => t.Id));
        Assert.Equal(300, status.Delivered);
        Assert.All(_server.Requests, r => Assert.True(r.Body.Length < 20_200));
        JsonElement mark = JsonSerializer.Deserialize<JsonElement>(_server.Taken.ElementAt(7).Json).GetProperty("muniment");
        Assert.Equal((7, 7, "log/acme"), (mark.GetProperty("seq").GetInt32(), mark.GetProperty("n").GetInt32(), mark.GetProperty("origin").GetString()!));
        Assert.Equal("muniment.events", JsonSerializer.Deserialize<JsonElement>(_server.Requests.First().Body).GetProperty("type").GetString());
    }

    [Fact]
    public async Task A_message_that_is_sent_again_keeps_its_id_and_bytes()
    {
        _source.Add(10);
        _server.Then(request =>
        {
            _server.Answer(request);
            return new WireAnswer(0);
        });
        _server.Then(504);
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source);
        Assert.Equal((10, 3, 10L), (_server.Taken.Count, _server.Requests.Count, status.Delivered));
        Assert.Single(_server.Requests.Select(r => r.Header("webhook-id") + r.Text).Distinct());
        Assert.Empty(_server.Refusals);
    }

    [Fact]
    public async Task A_poison_event_is_isolated_and_the_others_arrive()
    {
        _source.Add(100);
        _server.Poison["e61"] = 0;
        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Equal((99, 99L, 1), (_server.Taken.Count, status.Delivered, status.DeadLetters));
        Assert.Equal(61, Assert.Single(await store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default)).Seq);
        Assert.InRange(_server.Requests.Count, 2, 21);
    }

    [Fact]
    public async Task Two_secrets_sign_twice_so_a_receiver_with_either_accepts()
    {
        string old = "whsec_" + Convert.ToBase64String(Encoding.ASCII.GetBytes("another secret of 32 characters!"));
        _source.Add(1);
        string json = Json().Replace("\"secret\":\"", $"\"secret\":\"{old} ", StringComparison.Ordinal);
        Assert.Equal(OutcomeKind.Delivered, (await KindBench.SendAsync(json, _source)).Kind);
        _server.Secret = old;
        _source.Add(1);
        Assert.Equal(OutcomeKind.Delivered, (await KindBench.SendAsync(json, _source)).Kind);
    }

    [Fact]
    public async Task The_signature_is_that_of_the_standards_published_example()
    {
        // Test vector of the standard's own libraries: secret, id, timestamp and payload give this signature.
        byte[] key = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        string signed = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
        Assert.Equal("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", Convert.ToBase64String(System.Security.Cryptography.HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed))));
        _server.Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"; // the fake verifies by the formula that the vector has just confirmed
        _source.Add(1);
        Assert.Equal(OutcomeKind.Delivered, (await KindBench.SendAsync(Json(), _source)).Kind);
    }

    [Fact]
    public async Task The_endpoint_is_the_whole_url()
    {
        _source.Add(1);
        Assert.Equal(OutcomeKind.Delivered, (await KindBench.SendAsync(Json(_server.Address + "hooks/7?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&to=a@b", ""), _source)).Kind);
        WireRequest request = _server.Requests.Single();
        Assert.Equal(("/hooks/7", "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&to=a@b"), (request.Path, request.Query));
        Assert.Equal("endpoint", KindBench.Refusal(Json("https://hooks.example.com/x#y", "")));
        Assert.Equal("endpoint", KindBench.Refusal(Json("https://me@hooks.example.com/?x", "")));
    }

    [Fact]
    public async Task Own_headers_are_sent()
    {
        _source.Add(1);
        await KindBench.SendAsync(Json(_server.Address.ToString(), ""","options":{"headers":{"x-team":"blue"}}"""), _source);
        Assert.Equal("blue", _server.Requests.Single().Header("x-team"));
    }

    [Theory]
    [InlineData(200, OutcomeKind.Delivered)]
    [InlineData(202, OutcomeKind.Delivered)]
    [InlineData(204, OutcomeKind.Delivered)]
    [InlineData(301, OutcomeKind.Misconfigured)]
    [InlineData(307, OutcomeKind.Misconfigured)]
    [InlineData(400, OutcomeKind.BadRecord)]
    [InlineData(422, OutcomeKind.BadRecord)]
    [InlineData(401, OutcomeKind.CredentialRejected)]
    [InlineData(403, OutcomeKind.CredentialRejected)]
    [InlineData(404, OutcomeKind.Misconfigured)]
    [InlineData(405, OutcomeKind.Misconfigured)]
    [InlineData(410, OutcomeKind.Misconfigured)]
    [InlineData(408, OutcomeKind.RetryLater)]
    [InlineData(413, OutcomeKind.TooLarge)]
    [InlineData(429, OutcomeKind.RetryLater)]
    [InlineData(500, OutcomeKind.RetryLater)]
    [InlineData(502, OutcomeKind.RetryLater)]
    [InlineData(504, OutcomeKind.RetryLater)]
    [InlineData(0, OutcomeKind.RetryLater)]
    public async Task Every_answer_has_its_outcome(int status, OutcomeKind expected)
    {
        _source.Add(2);
        _server.Then(status, "secret words of the receiver", retryAfter: "7");
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal(expected, outcome.Kind);
        Assert.DoesNotContain("secret words", outcome.ToString(), StringComparison.Ordinal);
        Assert.Equal(expected == OutcomeKind.RetryLater && status != 0 ? TimeSpan.FromSeconds(7) : null, outcome.Delay);
    }

    public static TheoryData<string, string> WrongRequests => new()
    {
        { "GET", "1.16: POST" },
        { "no id", "1.16: webhook-id" },
        { "dot in id", "1.16: webhook-id" },
        { "no time", "1.16: webhook-timestamp is unix" },
        { "milliseconds", "1.16: webhook-timestamp is of" },
        { "old", "1.16: webhook-timestamp is of" },
        { "no signature", "1.16: webhook-signature" },
        { "another version", "1.16: webhook-signature" },
        { "altered body", "1.16: webhook-signature" },
        { "altered id", "1.16: webhook-signature" },
        { "altered time", "1.16: webhook-signature" },
        { "gzip", "1.16: the signature is over" },
        { "form", "1.16: the payload is JSON" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictReceiver server = new();
        WireRequest good = await KindBench.CaptureAsync(server, e => Json(e, ""));
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        WireRequest wrong = what switch
        {
            "GET" => good with { Method = "GET" },
            "no id" => good.WithHeader("webhook-id", null),
            "dot in id" => good.WithHeader("webhook-id", "msg.1"),
            "no time" => good.WithHeader("webhook-timestamp", null),
            "milliseconds" => good.WithHeader("webhook-timestamp", good.Header("webhook-timestamp") + "000"),
            "old" => good.WithHeader("webhook-timestamp", $"{now - 400}"),
            "no signature" => good.WithHeader("webhook-signature", null),
            "another version" => good.WithHeader("webhook-signature", good.Header("webhook-signature")!.Replace("v1,", "v2,", StringComparison.Ordinal)),
            "altered body" => good.Edit(t => t + " "),
            "altered id" => good.WithHeader("webhook-id", "msg_1"),
            "altered time" => good.WithHeader("webhook-timestamp", $"{now - 60}"),
            "gzip" => good.WithHeader("Content-Encoding", "gzip"),
            _ => good.WithHeader("Content-Type", "application/x-www-form-urlencoded"),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("whsec_", "credential.secret")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "credential.secret")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjU", "credential.secret")]
    [InlineData("whsec_not base64", "credential.secret")]
    [InlineData("whpk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "credential.secret")]
    public void Secrets_are_checked(string secret, string field) =>
        Assert.Equal(field, KindBench.Refusal($$$"""{"id":"d","kind":"webhook","endpoint":"https://e.example/x","credential":{"secret":"{{{secret}}}"}}"""));

    [Theory]
    [InlineData("webhook-id")]
    [InlineData("Content-Type")]
    [InlineData("bad name")]
    public void Headers_are_checked(string name) => Assert.Equal("options.headers", KindBench.Refusal(Json("http://127.0.0.1:1", $$$""","options":{"headers":{"{{{name}}}":"x"}}""")));

    [Fact]
    public async Task The_test_sends_a_signed_event()
    {
        string json = Json();
        TestReport report = await KindBench.TestAsync(json);
        Assert.True(report.Ok);
        Assert.Equal(["resolve", "egress", "connect", "auth", "send"], report.Steps.Select(s => s.Step));
        Assert.Equal(report.EventId, Assert.Single(_server.Taken).Id);
        _server.Secret = "whsec_" + Convert.ToBase64String(new byte[32]);
        report = await KindBench.TestAsync(json);
        Assert.Equal(("auth", false), (report.Steps[^1].Step, report.Steps[^1].Ok));
    }

    private string Json() => Json(_server.Address.ToString(), "");

    private string Json(string endpoint, string more) => $$$"""{"id":"d","kind":"webhook","endpoint":"{{{endpoint}}}","credential":{"secret":"{{{_server.Secret}}}"}{{{more}}}}""";
}
