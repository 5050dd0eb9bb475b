using System.Text.Json;
using System.Text.Json.Nodes;
using Muniment.Delivery.Kinds.Chronicle;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;

namespace Muniment.Delivery.Tests.Kinds.Chronicle;

public sealed class ChronicleTests : IAsyncLifetime
{
    private const string Raw = """{"project":"p-1","location":"eu","instance":"0f0e0d0c-0000-4000-8000-000000000001","log_type":"MUNIMENT","forwarder":"f-1"}""";
    private const string Udm = """{"project":"p-1","location":"eu","instance":"0f0e0d0c-0000-4000-8000-000000000001","mode":"udm"}""";

    private readonly StrictChronicle _server = new();
    private readonly FakeSource _source = new() { BlockSize = 100 };

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Raw_logs_arrive_with_labels_and_marks()
    {
        _source.Add(2500);
        DestinationStatus status = await KindBench.DeliverAsync(Json(Raw), _source);
        Assert.Empty(_server.Refusals);
        Assert.Equal(Enumerable.Range(0, 2500).Select(i => "e" + i), _server.Taken.Select(t => t.Id));
        Assert.Equal(2500, status.Delivered);
        Assert.Equal(7, JsonSerializer.Deserialize<JsonElement>(_server.Taken.ElementAt(7).Json).GetProperty("muniment").GetProperty("n").GetInt32());
        JsonElement source = JsonSerializer.Deserialize<JsonElement>(_server.Requests.First().Text).GetProperty("inlineSource");
        Assert.Equal("projects/p-1/locations/eu/instances/0f0e0d0c-0000-4000-8000-000000000001/forwarders/f-1", source.GetProperty("forwarder").GetString());
        Assert.Equal("7", source.GetProperty("logs")[7].GetProperty("labels").GetProperty("muniment_n").GetProperty("value").GetString());
        Assert.Single(_server.Requests.Select(r => r.Header("Authorization")).Distinct());
    }

    [Fact]
    public async Task Udm_events_arrive_with_marks()
    {
        _source.Add(50);
        DestinationStatus status = await KindBench.DeliverAsync(Json(Udm), _source);
        Assert.Empty(_server.Refusals);
        Assert.Equal((50L, 50), (status.Delivered, _server.Taken.Count));
        JsonElement marks = JsonSerializer.Deserialize<JsonElement>(_server.Taken.ElementAt(7).Json).GetProperty("udm").GetProperty("additional").GetProperty("muniment");
        Assert.Equal((7, "d"), (marks.GetProperty("n").GetInt32(), marks.GetProperty("destination").GetString()));
    }

    [Fact]
    public async Task Lines_of_text_are_carried_as_raw_logs()
    {
        _source.Add(1);
        await KindBench.SendAsync(Json(Raw, ""","format":"cef" """), _source);
        Assert.StartsWith("CEF:", Assert.Single(_server.Taken).Json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_poison_event_is_isolated()
    {
        _source.Add(100);
        _server.Poison["e61"] = 0;
        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(Raw), _source, store);
        Assert.Equal((99, 1), (_server.Taken.Count, status.DeadLetters));
        Assert.Equal("HTTP 400: INVALID_ARGUMENT invalid entry", Assert.Single(await store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default)).Message);
    }

    [Theory]
    [InlineData(200, "{}", OutcomeKind.Delivered)]
    [InlineData(200, "", OutcomeKind.Misconfigured)]
    [InlineData(200, "ok", OutcomeKind.Misconfigured)]
    [InlineData(200, "<html>", OutcomeKind.Misconfigured)]
    [InlineData(302, "", OutcomeKind.Misconfigured)]
    [InlineData(400, """{"error":{"status":"INVALID_ARGUMENT","message":"bad base64"}}""", OutcomeKind.BadRecord)]
    [InlineData(400, """{"error":{"status":"INVALID_ARGUMENT","message":"unknown log type"}}""", OutcomeKind.Misconfigured)]
    [InlineData(400, """{"error":{"status":"FAILED_PRECONDITION","message":"x"}}""", OutcomeKind.Misconfigured)]
    [InlineData(401, """{"error":{"status":"UNAUTHENTICATED"}}""", OutcomeKind.CredentialRejected)]
    [InlineData(403, """{"error":{"status":"PERMISSION_DENIED"}}""", OutcomeKind.CredentialRejected)]
    [InlineData(404, """{"error":{"status":"NOT_FOUND"}}""", OutcomeKind.Misconfigured)]
    [InlineData(409, """{"error":{"status":"ABORTED","details":[{"retryDelay":"9s"}]}}""", OutcomeKind.RetryLater)]
    [InlineData(409, """{"error":{"status":"ALREADY_EXISTS"}}""", OutcomeKind.Misconfigured)]
    [InlineData(413, "", OutcomeKind.TooLarge)]
    [InlineData(499, """{"error":{"status":"CANCELLED"}}""", OutcomeKind.RetryLater)]
    [InlineData(429, """{"error":{"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"9s"}]}}""", OutcomeKind.RetryLater)]
    [InlineData(500, "", OutcomeKind.RetryLater)]
    [InlineData(502, "", OutcomeKind.RetryLater)]
    [InlineData(503, "", OutcomeKind.RetryLater)]
    [InlineData(504, "", OutcomeKind.RetryLater)]
    [InlineData(0, "", OutcomeKind.RetryLater)]
    public async Task Every_answer_has_its_outcome(int status, string body, OutcomeKind expected)
    {
        _source.Add(2);
        _server.Then(status, body);
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(Raw), _source);
        Assert.Equal(expected, outcome.Kind);
        Assert.Equal(body.Contains("9s", StringComparison.Ordinal) ? TimeSpan.FromSeconds(9) : null, outcome.Delay);
    }

    [Theory]
    [InlineData("http://10.1.2.3/token")]
    [InlineData("http://169.254.169.254/token")]
    public async Task The_token_uri_passes_the_egress_guard(string uri)
    {
        _source.Add(1);
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(_server, _server.Address.ToString(), Raw, "", uri), _source);
        Assert.Equal((OutcomeKind.Misconfigured, "egress_refused"), (outcome.Kind, outcome.Code));
        Assert.Empty(_server.Requests);
    }

    public static TheoryData<string, string> WrongRequests => new()
    {
        { "no token", "1.7: Bearer" },
        { "another token", "1.7: Bearer" },
        { "GET", "1.7: POST" },
        { "another instance", "1.7: POST" },
        { "lower case type", "1.7: POST" },
        { "old api", "1.7: POST" },
        { "text", "1.7: JSON" },
        { "too large", "1.7: 4 MB" },
        { "entries", "1.7: inlineSource" },
        { "events to logs", "1.7: logs of" },
        { "base64", "1.7: data is base64" },
        { "seconds", "1.7: times are" },
        { "flat labels", "1.7: labels are" },
        { "member", "1.7: a log has" },
        { "forwarder", "1.7: forwarder is" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, string why)
    {
        await using StrictChronicle server = new();
        WireRequest good = await KindBench.CaptureAsync(server, e => Json(server, e, Raw, ""));
        WireRequest wrong = what switch
        {
            "no token" => good.WithHeader("Authorization", null),
            "another token" => good.WithHeader("Authorization", "Bearer x"),
            "GET" => good with { Method = "GET" },
            "another instance" => good with { Path = good.Path.Replace("0f0e", "0f0f", StringComparison.Ordinal) },
            "lower case type" => good with { Path = good.Path.Replace("MUNIMENT", "muniment", StringComparison.Ordinal) },
            "old api" => good with { Path = "/v2/unstructuredlogentries:batchCreate" },
            "text" => good.WithHeader("Content-Type", "text/plain"),
            "too large" => good.Edit(t => t + new string(' ', 4_000_000)),
            "entries" => good.Edit(t => t.Replace("\"inlineSource\"", "\"entries\"", StringComparison.Ordinal)),
            "events to logs" => good.Edit(t => t.Replace("\"logs\"", "\"events\"", StringComparison.Ordinal)),
            "base64" => good.Edit(t => t.Replace("\"data\":\"", "\"data\":\"!", StringComparison.Ordinal)),
            "seconds" => good.Edit(t => t.Replace("\"logEntryTime\":\"", "\"logEntryTime\":\"17", StringComparison.Ordinal)),
            "flat labels" => good.Edit(t => t.Replace("\"muniment_n\":{\"value\":\"0\"}", "\"muniment_n\":\"0\"", StringComparison.Ordinal)),
            "member" => good.Edit(t => t.Replace("{\"data\"", "{\"log_text\":\"x\",\"data\"", StringComparison.Ordinal)),
            _ => good.Edit(t => t.Replace("\"forwarder\":\"projects/", "\"forwarder\":\"", StringComparison.Ordinal)),
        };
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Udm_requests_are_read_as_strictly()
    {
        await using StrictChronicle server = new();
        WireRequest good = await KindBench.CaptureAsync(server, e => Json(server, e, Udm, ""));
        Assert.Equal(400, server.Answer(good.Edit(t => t.Replace("{\"udm\":", "{\"event\":", StringComparison.Ordinal))).Status);
        Assert.Equal(400, server.Answer(good.Edit(t => t.Replace("\"event_timestamp\"", "\"timestamp\"", StringComparison.Ordinal))).Status);
        Assert.All(server.Refusals, r => Assert.StartsWith("1.7: ", r, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "https://eu-chronicle.googleapis.com/")]
    [InlineData("https://chronicle.eu.rep.googleapis.com", "https://chronicle.eu.rep.googleapis.com/")]
    public void The_address_follows_location_and_endpoint(string endpoint, string expected) =>
        Assert.Equal(expected, new ChronicleKind().Address(Fixtures.Config(Json(_server, endpoint, Raw, "", "https://oauth2.googleapis.com/token"), out _))!.ToString());

    [Theory]
    [InlineData("""{"project":"p","location":"eu","instance":"i"}""", "", "options.log_type")]
    [InlineData("""{"project":"p","location":"eu/..","instance":"i","log_type":"X"}""", "", "options.location")]
    [InlineData("""{"project":"p","location":"eu","instance":"i","log_type":"x/y"}""", "", "options.log_type")]
    [InlineData("""{"project":"p","location":"eu","instance":"i","mode":"both"}""", "", "options.mode")]
    [InlineData("""{"project":"p","location":"eu","instance":"i","mode":"udm"}""", ""","format":"ecs" """, "format")]
    [InlineData("""{"location":"eu","instance":"i"}""", "", "options.project")]
    public void Configurations_are_checked(string options, string more, string field) => Assert.Equal(field, KindBench.Refusal(Json(options, more)));

    [Theory]
    [InlineData("\"not json\"")]
    [InlineData("""{"client_email":"a@b"}""")]
    [InlineData("""{"client_email":"a@b","private_key":"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"}""")]
    public void Key_files_are_checked(string account) => Assert.Equal("credential.service_account",
        KindBench.Refusal($$$"""{"id":"d","kind":"chronicle","endpoint":"","credential":{"service_account":{{{account}}}},"options":{{{Raw}}}}"""));

    [Fact]
    public async Task A_key_file_may_be_given_as_text_and_a_wrong_one_fails_at_auth()
    {
        string file = _server.Account.File(_server.Address + "token").ToJsonString();
        string json = $$$"""{"id":"d","kind":"chronicle","endpoint":"{{{_server.Address}}}","credential":{"service_account":{{{JsonSerializer.Serialize(file)}}}},"options":{{{Raw}}}}""";
        TestReport report = await KindBench.TestAsync(json);
        Assert.True(report.Ok);
        _server.Accepts = _ => false;
        report = await KindBench.TestAsync(json);
        Assert.Equal(("auth", false), (report.Steps[^1].Step, report.Steps[^1].Ok));
        Assert.DoesNotContain("PRIVATE", JsonSerializer.Serialize(report), StringComparison.Ordinal);
    }

    private string Json(string options, string more = "") => Json(_server, _server.Address.ToString(), options, more);

    private static string Json(StrictChronicle server, string endpoint, string options, string more, string? tokenUri = null)
    {
        JsonObject account = server.Account.File(tokenUri ?? endpoint + "token");
        return $$$"""{"id":"d","kind":"chronicle","endpoint":"{{{endpoint}}}","credential":{"service_account":{{{account.ToJsonString()}}}},"options":{{{options}}}{{{more}}}}""";
    }
}
