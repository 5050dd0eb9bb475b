using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Muniment.Delivery.Kinds.PrometheusWrite;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Testing;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Delivery.Tests.Kinds.PrometheusWrite.Prompb;

namespace Muniment.Delivery.Tests.Kinds.PrometheusWrite;

public sealed class PrometheusTests : IAsyncLifetime
{
    private readonly StrictPrometheus _server = new();
    private readonly FakeSource _source = new() { BlockSize = 100 };

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Metrics_become_series_by_OpenTelemetrys_rules()
    {
        Add(MetricBuilder.Sum("claude_code.token.usage", 5, "a", unit: "tokens"));
        Add(MetricBuilder.Sum("up-down", 2.5, "a", monotonic: false, unit: "By"));
        Add(MetricBuilder.Sum("cost", 1, "a", temporality: 1, unit: "USD"));
        Add(MetricBuilder.Gauge("9lives", 9, "a", unit: "1"));
        Add(MetricBuilder.Histogram("latency", [1, 2, 3], [0.1, 2], 7.5));
        Add(MetricBuilder.Summary("s"));
        Add(MetricBuilder.Exponential("e"));
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source);
        Assert.Empty(_server.Refusals);
        Assert.Equal(7, status.Delivered);
        const string service = "instance=i1,job=ns/svc";
        Assert.Equal(
            [
                ($"__name__=claude_code_token_usage_tokens_total,{service},key=a", 5), ($"__name__=up_down_bytes,{service},key=a", 2.5), ($"__name__=cost_USD_delta,{service},key=a", 1),
                ($"__name__=_9lives_ratio,{service},key=a", 9),
                ($"__name__=latency_bucket,{service},le=0.1", 1), ($"__name__=latency_bucket,{service},le=2", 3), ($"__name__=latency_bucket,{service},le=+Inf", 6), ($"__name__=latency_sum,{service}", 7.5), ($"__name__=latency_count,{service}", 6),
                ($"__name__=s,{service},quantile=0.5", 2), ($"__name__=s_sum,{service}", 6), ($"__name__=s_count,{service}", 3),
                ($"__name__=e_sum,a_b=c,{service}", 6), ($"__name__=e_count,a_b=c,{service}", 3),
            ],
            _server.Samples.Select(s => (s.Series, s.Value)));
        Assert.All(_server.Samples, s => Assert.Equal(1_767_225_600_000, s.Time));
    }

    [Fact]
    public async Task Samples_of_a_series_are_put_in_order_and_repeats_are_left_out()
    {
        Add(MetricBuilder.Sum("x", 3, "a", MetricBuilder.Time + 3_000_000_000));
        Add(MetricBuilder.Sum("x", 1, "a", MetricBuilder.Time + 1_000_000_000));
        Add(MetricBuilder.Sum("x", 2, "b", MetricBuilder.Time));
        Add(MetricBuilder.Sum("x", 1, "a", MetricBuilder.Time + 1_000_000_000));
        await KindBench.DeliverAsync(Json(), _source);
        WriteRequest request = WriteRequest.Parser.ParseFrom(PlainSnappy.Decompress(Assert.Single(_server.Requests).Body));
        Assert.Equal([[1.0, 3.0], [2.0]], request.Timeseries.Select(t => t.Samples.Select(s => s.Value).ToArray()));
    }

    [Fact]
    public async Task A_sample_that_is_too_late_becomes_a_dead_letter_with_the_receivers_words()
    {
        Add(MetricBuilder.Sum("x", 3, "a", MetricBuilder.Time + 3_000_000_000));
        await KindBench.DeliverAsync(Json(), _source);
        Add(MetricBuilder.Sum("y", 1, "a"));
        Add(MetricBuilder.Sum("x", 1, "a", MetricBuilder.Time + 1_000_000_000));
        Add(MetricBuilder.Sum("z", 1, "a"));
        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Equal((3L, 1), (status.Delivered, status.DeadLetters));
        Assert.Equal("HTTP 400: out of order sample", Assert.Single(await store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default)).Message);
    }

    [Fact]
    public async Task What_was_stored_by_a_request_of_unknown_outcome_does_not_become_dead_letters()
    {
        Add(MetricBuilder.Sum("x", 1, "a", MetricBuilder.Time + 1_000_000_000));
        Add(MetricBuilder.Sum("x", 2, "a", MetricBuilder.Time + 2_000_000_000));
        _server.Then(request =>
        {
            _server.Answer(request);
            return new WireAnswer(0);
        });
        MemoryDestinationStore store = new();
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source, store);
        Assert.Equal((2, 2, 0), (_server.Samples.Count, _server.Requests.Count, status.DeadLetters));
        Assert.Contains("sent again after an unknown outcome", Assert.Single(await store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 10, default)).Json.Text(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "", OutcomeKind.Delivered)]
    [InlineData(204, "", OutcomeKind.Delivered)]
    [InlineData(200, "ok", OutcomeKind.Misconfigured)]
    [InlineData(200, "{\"status\":\"success\"}", OutcomeKind.Misconfigured)]
    [InlineData(302, "", OutcomeKind.Misconfigured)]
    [InlineData(400, "out of order sample", OutcomeKind.BadRecord)]
    [InlineData(400, "invalid label", OutcomeKind.BadRecord)]
    [InlineData(401, "", OutcomeKind.CredentialRejected)]
    [InlineData(403, "", OutcomeKind.CredentialRejected)]
    [InlineData(404, "remote write receiver needs to be enabled", OutcomeKind.Misconfigured)]
    [InlineData(405, "", OutcomeKind.Misconfigured)]
    [InlineData(413, "", OutcomeKind.TooLarge)]
    [InlineData(415, "", OutcomeKind.Misconfigured)]
    [InlineData(429, "", OutcomeKind.RetryLater)]
    [InlineData(500, "", OutcomeKind.RetryLater)]
    [InlineData(503, "", OutcomeKind.RetryLater)]
    [InlineData(0, "", OutcomeKind.RetryLater)]
    public async Task Every_answer_has_its_outcome(int status, string body, OutcomeKind expected)
    {
        Add(MetricBuilder.Sum("x", 1, "a"));
        Add(MetricBuilder.Sum("y", 1, "a"));
        _server.Then(status, body, "text/plain");
        Assert.Equal(expected, (await KindBench.SendAsync(Json(), _source)).Kind);
    }

    public static TheoryData<string, string> WrongRequests => new()
    {
        { "GET", "1.10: POST" },
        { "path", "1.10: POST" },
        { "json", "1.10: Content-Type" },
        { "gzip", "1.10: Content-Encoding" },
        { "no encoding", "1.10: Content-Encoding" },
        { "no version", "1.10: X-Prometheus" },
        { "version 2", "1.10: X-Prometheus" },
        { "plain", "1.10: snappy" },
        { "framed", "1.10: snappy" },
        { "cut", "1.10: snappy" },
        { "no proto", "1.10: a WriteRequest" },
        { "unsorted labels", "1.10: labels are sorted" },
        { "label twice", "1.10: labels are sorted" },
        { "no name", "1.10: series have a name" },
        { "empty label", "1.10: series have a name" },
        { "label name", "1.10: names of labels" },
        { "no samples", "1.10: series have samples" },
        { "seconds", "1.10: timestamps are milliseconds" },
        { "unsorted samples", "1.10: samples of a series" },
        { "two values", "1.10: one value" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public void The_fake_refuses_wrong_requests(string what, string why)
    {
        TimeSeries series = new() { Labels = { new Label { Name = "__name__", Value = "x" }, new Label { Name = "a", Value = "b" } }, Samples = { new Sample { Value = 1, Timestamp = 1_767_225_600_000 } } };
        WriteRequest request = new() { Timeseries = { series } };
        Action change = what switch
        {
            "unsorted labels" => () => series.Labels.Insert(0, new Label { Name = "b", Value = "c" }),
            "label twice" => () => series.Labels.Add(new Label { Name = "a", Value = "c" }),
            "no name" => () => series.Labels.RemoveAt(0),
            "empty label" => () => series.Labels[1].Value = "",
            "label name" => () => series.Labels[1].Name = "a.b",
            "no samples" => series.Samples.Clear,
            "seconds" => () => series.Samples[0].Timestamp /= 1000,
            "unsorted samples" => () => series.Samples.Add(new Sample { Value = 1, Timestamp = 1_767_225_599_000 }),
            "two values" => () => series.Samples.Add(new Sample { Value = 2, Timestamp = 1_767_225_600_000 }),
            _ => () => { },
        };
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase)
        {
            ["Content-Type"] = "application/x-protobuf", ["Content-Encoding"] = "snappy", ["X-Prometheus-Remote-Write-Version"] = "0.1.0",
        };
        StrictPrometheus fresh = new();
        Assert.Equal(204, fresh.Answer(new WireRequest("POST", "/api/v1/write", "", headers, Snappy.Compress(request.ToByteArray()))).Status);
        change();
        byte[] plain = request.ToByteArray();
        WireRequest good = new("POST", "/api/v1/write", "", headers, Snappy.Compress(plain));
        WireRequest wrong = what switch
        {
            "GET" => good with { Method = "GET" },
            "path" => good with { Path = "/write" },
            "json" => good.WithHeader("Content-Type", "application/json"),
            "gzip" => good.WithHeader("Content-Encoding", "deflate"),
            "no encoding" => good.WithHeader("Content-Encoding", null),
            "no version" => good.WithHeader("X-Prometheus-Remote-Write-Version", null),
            "version 2" => good.WithHeader("X-Prometheus-Remote-Write-Version", "2.0.0"),
            "plain" => good with { Body = plain },
            "framed" => good with { Body = [0xff, 0x06, 0x00, 0x00, .. "sNaPpY"u8, .. good.Body] },
            "cut" => good with { Body = good.Body[..^3] },
            "no proto" => good with { Body = Snappy.Compress([0x0b, 0xff, 0xff]) },
            _ => good,
        };
        StrictPrometheus server = new();
        Assert.InRange(server.Answer(wrong).Status, 400, 499);
        Assert.StartsWith(why, Assert.Single(server.Refusals), StringComparison.Ordinal);
    }

    [Fact]
    public void Snappy_reads_back_whatever_was_written()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<int>(), (bytes, seed) =>
        {
            Random random = new(seed);
            byte[] text = [.. Enumerable.Range(0, random.Next(40)).SelectMany(_ => random.Next(2) == 0 ? bytes : Enumerable.Repeat((byte)random.Next(4), random.Next(300)))];
            return PlainSnappy.Decompress(Snappy.Compress(text)).SequenceEqual(text);
        }).QuickCheckThrowOnFailure();
        byte[] large = [.. Enumerable.Range(0, 30_000).SelectMany(i => BitConverter.GetBytes(i / 3 * 7919))];
        byte[] packed = Snappy.Compress(large);
        Assert.Equal(large, PlainSnappy.Decompress(packed));
        byte[] noise = new byte[200_000];
        new Random(1).NextBytes(noise);
        Assert.Equal(noise, PlainSnappy.Decompress(Snappy.Compress(noise)));
        Assert.True(Snappy.Compress(new byte[100_000]).Length < 6_000);
    }

    [Theory]
    [InlineData(""","order":"relaxed" """, "order")]
    [InlineData(""","streams":["activity"]""", "streams")]
    [InlineData(""","streams":["otel_logs"]""", "streams")]
    [InlineData(""","format":"canonical" """, "streams")]
    [InlineData(""","options":{"x":1}""", "options.x")]
    public void Configurations_are_checked(string more, string field) => Assert.Equal(field, KindBench.Refusal(Json("http://127.0.0.1:1", more)));

    [Fact]
    public async Task The_test_writes_a_series_of_its_own_and_finds_it()
    {
        _server.Credential = "Basic dTpw";
        string json = Json(_server.Address.ToString(), ""","credential":{"username":"u","password":"p"}""");
        TestReport report = await KindBench.TestAsync(json);
        Assert.Equal(["resolve", "egress", "connect", "auth", "send", "search"], report.Steps.Select(s => s.Step));
        Assert.True(report.Ok);
        Assert.Contains($"__name__=muniment_destination_test,destination=d,event_id={report.EventId}", Assert.Single(_server.Samples).Series, StringComparison.Ordinal);
        _server.Credential = "other";
        report = await KindBench.TestAsync(json);
        Assert.Equal(("auth", false), (report.Steps[^1].Step, report.Steps[^1].Ok));
    }

    private void Add(byte[] metric) => _source.Add(MetricBuilder.Stored(metric));

    private string Json() => Json(_server.Address.ToString(), "");

    private static string Json(string endpoint, string more) => $$$"""{"id":"d","kind":"prometheus_rw","endpoint":"{{{endpoint.TrimEnd('/')}}}/api/v1/write"{{{more}}}}""";
}
