using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Tests.Kinds.OtlpGrpc;

public sealed class OtlpGrpcTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<WireRequest> _requests = [];
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _script = [];
    private readonly ConcurrentQueue<string> _refusals = [];
    private readonly FakeSource _source = new() { BlockSize = 100 };
    private WebApplication _app = null!;

    public Task InitializeAsync() => StartAsync(HttpProtocols.Http2);

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task Each_signal_goes_to_its_service_with_metadata_and_marks()
    {
        Raw(EntryKind.Log, [0x09, 1, 0, 0, 0, 0, 0, 0, 0]);
        Raw(EntryKind.Span, [0x2a, 1, (byte)'s']);
        Raw(EntryKind.Metric, [0x0a, 1, (byte)'m']);
        DestinationStatus status = await KindBench.DeliverAsync(Json(""","streams":["otel_logs","otel_traces","otel_metrics"],"credential":{"headers":{"X-Api-Key":"k"}}"""), _source);
        Assert.Equal(3, status.Delivered);
        Assert.Empty(_refusals);
        Assert.Equal(
            ["/opentelemetry.proto.collector.logs.v1.LogsService/Export", "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"],
            _requests.Select(r => r.Path).Order(StringComparer.Ordinal));
        Assert.All(_requests, r => Assert.Equal(("k", "application/grpc+proto"), (r.Header("x-api-key"), r.Header("Content-Type"))));
        (IReadOnlyList<byte[]> records, _, _) = StrictOtlpGrpc.Read(_requests.Single(r => r.Path.Contains("Trace", StringComparison.Ordinal)));
        Assert.Equal("1", StrictOtlpGrpc.Marked(new PlainProto(Assert.Single(records)), "traces")["muniment.n"]);
    }

    [Fact]
    public async Task Events_become_log_records()
    {
        _source.Add(1200);
        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source);
        Assert.Equal((1200, 0), (status.Delivered, status.DeadLetters));
        Assert.Equal(Enumerable.Range(0, 1200).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            _requests.SelectMany(r => StrictOtlpGrpc.Read(r).Records).Select(r => StrictOtlpGrpc.Marked(new PlainProto(r), "logs")["muniment.seq"]));
    }

    [Theory]
    [InlineData(1, OutcomeKind.RetryLater, "destination_error")]
    [InlineData(2, OutcomeKind.RetryLater, "destination_error")]
    [InlineData(3, OutcomeKind.BadRecord, "destination_error")]
    [InlineData(4, OutcomeKind.RetryLater, "destination_error")]
    [InlineData(5, OutcomeKind.Misconfigured, "misconfigured")]
    [InlineData(6, OutcomeKind.BadRecord, "destination_error")]
    [InlineData(7, OutcomeKind.CredentialRejected, "credential_rejected")]
    [InlineData(8, OutcomeKind.TooLarge, "destination_error")]
    [InlineData(9, OutcomeKind.Misconfigured, "misconfigured")]
    [InlineData(10, OutcomeKind.RetryLater, "destination_error")]
    [InlineData(11, OutcomeKind.RetryLater, "destination_error")]
    [InlineData(12, OutcomeKind.Misconfigured, "misconfigured")]
    [InlineData(13, OutcomeKind.RetryLater, "destination_error")]
    [InlineData(14, OutcomeKind.RetryLater, "destination_error")]
    [InlineData(15, OutcomeKind.RetryLater, "destination_error")]
    [InlineData(16, OutcomeKind.CredentialRejected, "credential_rejected")]
    public async Task Every_status_has_its_outcome(int status, OutcomeKind kind, string code)
    {
        _source.Add(2);
        _script.Enqueue(c => StrictOtlpGrpc.AnswerAsync(c, status, "words é\nof it"));
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal((kind, code), (outcome.Kind, outcome.Code));
        Assert.Contains("words é of it", outcome.Message, StringComparison.Ordinal);
        Assert.Null(outcome.Delay);
    }

    [Theory]
    [InlineData(8, "grpc: received message larger than max (5242880 vs. 4194304)", 1, OutcomeKind.TooLarge)]
    [InlineData(8, "gRPC message exceeds maximum size 4194304: 5242880", 2, OutcomeKind.TooLarge)]
    [InlineData(11, "Error, decoded message length too large: found 5 bytes, the limit is: 4 bytes", 2, OutcomeKind.TooLarge)]
    [InlineData(11, "past the end", 2, OutcomeKind.RetryLater)]
    [InlineData(8, "queue size exceeded", 1, OutcomeKind.RetryLater)]
    [InlineData(8, "sending queue is full", 2, OutcomeKind.RetryLater)]
    [InlineData(8, "", 1, OutcomeKind.RetryLater)]
    [InlineData(8, "", 2, OutcomeKind.TooLarge)]
    [InlineData(8, "resource exhausted", 1, OutcomeKind.RetryLater)]
    [InlineData(8, "resource exhausted", 2, OutcomeKind.TooLarge)]
    [InlineData(8, "ingestion rate limit exceeded", 2, OutcomeKind.RetryLater)]
    public async Task An_overload_is_told_from_a_message_that_is_too_large(int status, string message, int events, OutcomeKind kind)
    {
        _source.Add(events);
        _script.Enqueue(c => StrictOtlpGrpc.AnswerAsync(c, status, message));
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal((kind, kind == OutcomeKind.TooLarge || status == 11 ? "destination_error" : "rate_limited"), (outcome.Kind, outcome.Code));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(200_000, false)]
    public async Task The_status_is_found_behind_a_body_of_any_length(int padding, bool declared)
    {
        _source.Add(2);
        _script.Enqueue(async c =>
        {
            byte[] frame = [0, (byte)(padding >> 24), (byte)(padding >> 16), (byte)(padding >> 8), (byte)padding, .. new byte[padding]];
            c.Response.ContentType = "application/grpc";
            c.Response.ContentLength = declared ? frame.Length : null;
            await c.Response.Body.WriteAsync(frame);
            await c.Response.Body.FlushAsync();
            await Task.Delay(50); // the trailers come in a packet of their own
            c.Response.AppendTrailer("grpc-status", "0");
        });
        Assert.Equal(OutcomeKind.Delivered, (await KindBench.SendAsync(Json(), _source)).Kind);
    }

    [Theory]
    [InlineData(8, "rate_limited")]
    [InlineData(14, "destination_error")]
    public async Task Retry_info_is_honoured(int status, string code)
    {
        _source.Add(2);
        _script.Enqueue(c => StrictOtlpGrpc.AnswerAsync(c, status, "", details: StrictOtlpGrpc.RetryInfo(7)));
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal((OutcomeKind.RetryLater, code, TimeSpan.FromSeconds(7)), (outcome.Kind, outcome.Code, outcome.Delay));
    }

    [Theory]
    [InlineData(200, OutcomeKind.Misconfigured, "transport_mismatch")]
    [InlineData(400, OutcomeKind.RetryLater, "destination_error")]
    [InlineData(401, OutcomeKind.CredentialRejected, "credential_rejected")]
    [InlineData(403, OutcomeKind.CredentialRejected, "credential_rejected")]
    [InlineData(404, OutcomeKind.Misconfigured, "misconfigured")]
    [InlineData(429, OutcomeKind.RetryLater, "rate_limited")]
    [InlineData(502, OutcomeKind.RetryLater, "destination_error")]
    [InlineData(503, OutcomeKind.RetryLater, "destination_error")]
    public async Task A_proxy_that_answers_for_itself_is_understood(int status, OutcomeKind kind, string code)
    {
        _source.Add(2);
        _script.Enqueue(c =>
        {
            c.Response.StatusCode = status;
            return c.Response.WriteAsync("<html>");
        });
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal((kind, code), (outcome.Kind, outcome.Code));
    }

    [Fact]
    public async Task Partial_success_counts_and_names_the_only_one()
    {
        _source.Add(3);
        byte[] partial = [0x0a, 0x07, 0x08, 0x01, 0x12, 0x03, (byte)'b', (byte)'a', (byte)'d']; // partial_success{rejected: 1, error_message: "bad"}
        _script.Enqueue(c => StrictOtlpGrpc.AnswerAsync(c, 0, body: partial));
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal((OutcomeKind.Partial, 1L, 0), (outcome.Kind, outcome.UnnamedRejections, outcome.Rejected.Length));
        Assert.Contains("1 refused: bad", outcome.Response, StringComparison.Ordinal);
        FakeSource one = new();
        one.Add();
        _script.Enqueue(c => StrictOtlpGrpc.AnswerAsync(c, 0, body: partial));
        outcome = await KindBench.SendAsync(Json(), one);
        Assert.Equal("bad", Assert.Single(outcome.Rejected).Message);
    }

    [Fact]
    public async Task A_record_at_which_a_receiver_that_is_well_breaks_is_found()
    {
        _source.Add(100);
        int empty = 0;
        for (int i = 0; i < 100; i++)
        {
            _script.Enqueue(async c =>
            {
                WireRequest request = _requests.Last();
                empty += request.Body.Length == 5 ? 1 : 0;
                bool bad = request.Body.Length > 5 && StrictOtlpGrpc.Read(request).Records.Any(r => StrictOtlpGrpc.Marked(new PlainProto(r), "logs")["muniment.seq"] == "37");
                await StrictOtlpGrpc.AnswerAsync(c, bad ? 13 : 0, "the pipeline refused it");
            });
        }

        DestinationStatus status = await KindBench.DeliverAsync(Json(), _source);
        Assert.Equal((99L, 1), (status.Delivered, status.DeadLetters));
        Assert.Equal(2, empty); // before the first halves, and before it is given up
        Assert.InRange(_requests.Count, 10, 25);
    }

    [Fact]
    public async Task A_port_that_speaks_only_http1_is_told()
    {
        await _app.DisposeAsync();
        await StartAsync(HttpProtocols.Http1);
        _source.Add();
        DeliveryOutcome outcome = await KindBench.SendAsync(Json(), _source);
        Assert.Equal((OutcomeKind.Misconfigured, "transport_mismatch"), (outcome.Kind, outcome.Code));
    }

    public static TheoryData<string, int, string> WrongRequests => new()
    {
        { "GET", 12, "2.1: unknown service" },
        { "http path", 12, "2.1: unknown service" },
        { "json", 13, "2.1: content-type" },
        { "no te", 13, "1.1: te" },
        { "timeout", 13, "2.1: grpc-timeout" },
        { "empty", 13, "1.1: a frame" },
        { "short", 13, "2.1: exactly one" },
        { "two messages", 13, "2.1: exactly one" },
        { "flag", 13, "1.1: the flag" },
        { "encoding", 12, "2.1: grpc-encoding" },
        { "flag without header", 13, "2.1: the flag says" },
        { "not gzip", 13, "2.1: not gzip" },
        { "too large", 8, "1.1: over the limit" },
        { "bad protobuf", 3, "2.1: bad protobuf" },
    };

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task The_fake_refuses_wrong_requests(string what, int code, string why)
    {
        _source.Add(3);
        Assert.Equal(OutcomeKind.Delivered, (await KindBench.SendAsync(Json(), _source)).Kind);
        WireRequest good = _requests.Single();
        Assert.Equal((3, 0), (StrictOtlpGrpc.Read(good).Records.Count, StrictOtlpGrpc.Read(good).Code));
        WireRequest wrong = what switch
        {
            "GET" => good with { Method = "GET" },
            "http path" => good with { Path = "/v1/logs" },
            "json" => good.WithHeader("Content-Type", "application/json"),
            "no te" => good.WithHeader("te", null),
            "timeout" => good.WithHeader("grpc-timeout", "30 seconds"),
            "empty" => good with { Body = [] },
            "short" => good with { Body = good.Body[..^1] },
            "two messages" => good with { Body = [.. good.Body, .. good.Body] },
            "flag" => good with { Body = [2, .. good.Body[1..]] },
            "encoding" => good.WithHeader("grpc-encoding", "br"),
            "flag without header" => good.WithHeader("grpc-encoding", null) with { Body = [1, .. good.Body[1..]] },
            "not gzip" => good.WithHeader("grpc-encoding", "gzip") with { Body = [1, .. good.Body[1..]] },
            "too large" => good with { Body = [0, 0, 0x50, 0, 0, .. new byte[0x500000]] },
            _ => good with { Body = [0, 0, 0, 0, 2, 0x0a, 0x7f] },
        };
        (_, int refused, string reason) = StrictOtlpGrpc.Read(wrong);
        Assert.Equal(code, refused);
        Assert.StartsWith(why, reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""","options":{"encoding":"json"}""", "options.encoding")]
    [InlineData(""","credential":{"headers":{"grpc-timeout":"1S"}}""", "credential.headers.grpc-timeout")]
    [InlineData(""","credential":{"headers":{"key-bin":"no base64!"}}""", "credential.headers.key-bin")]
    [InlineData(""","streams":["otel_logs","admin"]""", "streams")]
    public void Configurations_are_checked(string more, string field) => Assert.Equal(field, KindBench.Refusal(Json(more)));

    private async Task StartAsync(HttpProtocols protocols)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        _app = builder.Build();
        _app.Run(async context =>
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body);
            WireRequest request = new(context.Request.Method, context.Request.Path.Value!, "", context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
            _requests.Enqueue(request);
            if (_script.TryDequeue(out Func<HttpContext, Task>? script))
            {
                await script(context);
                return;
            }

            (_, int code, string why) = StrictOtlpGrpc.Read(request);
            if (code != 0)
            {
                _refusals.Enqueue(why);
            }

            await StrictOtlpGrpc.AnswerAsync(context, code, why);
        });
        await _app.StartAsync();
    }

    private void Raw(EntryKind kind, byte[] record)
    {
        byte[] resource = [0x0a, 0x10, 0x0a, 0x0e, 0x0a, 0x07, .. Encoding.ASCII.GetBytes("service"), 0x12, 0x03, 0x0a, 0x01, (byte)'x'];
        _source.Add(new StoredEvent(0, 1_767_225_600_000_000_000, kind, EnvelopeCodec.Write(new Envelope { Stream = kind == EntryKind.Metric ? null : "activity", Receiver = "otlp_grpc" }), resource, default, record));
    }

    private string Json(string more = "") => $$"""{"id":"d","kind":"otlp_grpc","endpoint":"{{_app.Urls.First()}}"{{more}}}""";
}
