using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Outcomes;
using Muniment.Delivery.Running;
using Muniment.Delivery.Storage;
using Muniment.Delivery.Tests.Fakes;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Tests.Running;

public sealed class OtlpDeliveryTests : IAsyncLifetime
{
    private readonly FakeSource _source = new();
    private readonly MemoryDestinationStore _store = new();
    private readonly ConcurrentQueue<(string Path, string Type, byte[] Body, string? Header)> _requests = [];
    private readonly ConcurrentQueue<(int Status, string Type, byte[] Body)> _answers = [];
    private WebApplication _app = null!;
    private DestinationRunner? _runner;
    private ulong _poison; // time of a record that is answered with 500

    public async Task InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.Run(async context =>
        {
            using MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body);
            _requests.Enqueue((context.Request.Path, context.Request.ContentType!, body.ToArray(), context.Request.Headers["x-api-key"]));
            bool bad = _poison > 0 && body.Length > 0 && new PlainProto(body.ToArray()).Messages(1).SelectMany(r => r.Messages(2)).SelectMany(s => s.Messages(2)).Any(r => r.Number(1) == _poison);
            (int status, string type, byte[] answer) = bad ? (500, "application/x-protobuf", [0x12, 0x02, (byte)'h', (byte)'i'])
                : _answers.TryDequeue(out (int, string, byte[]) queued) ? queued : (200, "application/x-protobuf", Array.Empty<byte>());
            context.Response.StatusCode = status;
            context.Response.ContentType = type;
            await context.Response.Body.WriteAsync(answer);
        });
        await _app.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_runner is not null)
        {
            await _runner.DisposeAsync();
        }

        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Raw_records_go_out_as_they_came_each_signal_to_its_path_in_order()
    {
        Raw(EntryKind.Log, "svc-a", 1);
        Raw(EntryKind.Span, "svc-a", 2);
        Raw(EntryKind.Log, "svc-a", 3);
        Raw(EntryKind.Log, "svc-b", 4);
        Raw(EntryKind.Metric, "svc-b", 5);
        _source.Add();
        await StartAsync(""","streams":["otel_logs","otel_traces","otel_metrics"],"credential":{"headers":{"X-Api-Key":"k"}}""");
        await Settled();
        Assert.Equal(["/v1/logs", "/v1/metrics", "/v1/traces"], _requests.Select(r => r.Path).Order());
        Assert.All(_requests, r => Assert.Equal(("application/x-protobuf", "k"), (r.Type, r.Header)));
        Assert.All(_requests, r => Assert.Null(OtlpOracle.Read(r.Path[4..], r.Body).Wrong));
        PlainProto logs = new(_requests.Single(r => r.Path == "/v1/logs").Body);
        Assert.Equal(["svc-a", "svc-b"], logs.Messages(1).Select(r => r.Messages(1).Single().Attributes(1)["service.name"]));
        PlainProto[] records = [.. logs.Messages(1).SelectMany(r => r.Messages(2)).SelectMany(s => s.Messages(2))];
        Assert.Equal([1UL, 3, 4], records.Select(r => r.Number(1)));
        Dictionary<string, string> marks = records[1].Attributes(6);
        Assert.Equal(("here", "log/acme", "2", "d", "0"), (marks["own"], marks["muniment.origin"], marks["muniment.seq"], marks["muniment.destination"], marks["muniment.epoch"]));
        PlainProto span = new PlainProto(_requests.Single(r => r.Path == "/v1/traces").Body).Messages(1).Single().Messages(2).Single().Messages(2).Single();
        Assert.Equal("1", span.Attributes(9)["muniment.n"]);
        PlainProto metric = new PlainProto(_requests.Single(r => r.Path == "/v1/metrics").Body).Messages(1).Single().Messages(2).Single().Messages(2).Single();
        Assert.Equal("4", metric.Attributes(12)["muniment.n"]);
    }

    [Theory]
    [InlineData("otlp")]
    [InlineData("canonical")]
    public async Task Events_become_log_records(string format)
    {
        _source.Add(result: "denied", extra: ",\"usage\":{\"input\":7},\"tool\":{\"success\":true,\"duration_ms\":1.5},\"trace\":{\"trace_id\":\"0102030405060708090a0b0c0d0e0f10\"},\"more\":[1,2]");
        await StartAsync($",\"format\":\"{format}\"");
        await Settled();
        PlainProto record = new PlainProto(_requests.Single().Body).Messages(1).Single().Messages(2).Single().Messages(2).Single();
        string body = record.Messages(5).Single().Text(1);
        Dictionary<string, string> attributes = record.Attributes(6);
        Assert.Equal(13UL, record.Number(2));
        Assert.Equal("tool.call", record.Text(12));
        Assert.Equal("0102030405060708090a0b0c0d0e0f10", Convert.ToHexStringLower(record.Bytes(9)));
        Assert.Equal("e0", attributes["muniment.event_id"]);
        if (format == "canonical")
        {
            Assert.Equal("denied", JsonSerializer.Deserialize<JsonElement>(body).GetProperty("result").GetString());
            return;
        }

        Assert.Equal("u0 tool.call t0 denied", body);
        Assert.Equal(("denied", "7", "True", "1.5"), (attributes["result"], attributes["usage.input"], attributes["tool.success"], attributes["tool.duration_ms"]));
        Assert.Contains("[1,2]", attributes["details"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_otlp_json()
    {
        Raw(EntryKind.Log, "svc", 9);
        await StartAsync(""","streams":["otel_logs"],"options":{"encoding":"json"}""");
        await Settled();
        (string _, string type, byte[] body, string? _) = _requests.Single();
        Assert.Equal("application/json", type);
        JsonElement record = JsonSerializer.Deserialize<JsonElement>(body).GetProperty("resourceLogs")[0].GetProperty("scopeLogs")[0].GetProperty("logRecords")[0];
        Assert.Equal("9", record.GetProperty("timeUnixNano").GetString());
        Assert.Contains(record.GetProperty("attributes").EnumerateArray(), a => a.GetProperty("key").GetString() == "muniment.seq" && a.GetProperty("value").GetProperty("intValue").GetString() == "0");
    }

    [Fact]
    public async Task Partial_success_of_all_makes_dead_letters_and_of_some_is_said_in_the_receipt()
    {
        Raw(EntryKind.Log, "svc", 1);
        Raw(EntryKind.Log, "svc", 2);
        _answers.Enqueue((200, "application/x-protobuf", [0x0a, 0x07, 0x08, 0x01, 0x12, 0x03, (byte)'b', (byte)'a', (byte)'d']));
        await StartAsync(""","streams":["otel_logs"]""");
        DestinationStatus status = await Settled();
        Assert.Equal((1, 0), (status.Outcomes[(int)OutcomeKind.Partial], status.DeadLetters));
        Receipt receipt = Assert.Single(await _store.ReadReceiptsAsync(Fixtures.Tenant, "d", 0, 10, default));
        Assert.Contains("1 refused: bad", receipt.Json.Text(), StringComparison.Ordinal);
        _answers.Enqueue((200, "application/json", Encoding.UTF8.GetBytes("""{"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"no"}}""")));
        Raw(EntryKind.Log, "svc", 3);
        _runner!.Kick();
        status = await Settled();
        Assert.Equal(1, status.DeadLetters);
        Assert.Equal("no", Assert.Single(await _store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default)).Message);
    }

    [Theory]
    [InlineData(404, "misconfigured")]
    [InlineData(405, "misconfigured")]
    [InlineData(415, "misconfigured")]
    [InlineData(401, "credential_rejected")]
    [InlineData(403, "credential_rejected")]
    public async Task What_an_administrator_must_mend_pauses(int status, string code)
    {
        Raw(EntryKind.Log, "svc", 1);
        _answers.Enqueue((status, "application/x-protobuf", [0x12, 0x02, (byte)'h', (byte)'i']));
        await StartAsync(""","streams":["otel_logs"]""");
        DestinationStatus seen = await _runner!.UntilAsync(s => s.State == DeliveryCondition.Paused);
        Assert.Equal(code, seen.Reason!.Code);
    }

    [Theory]
    [InlineData(200, "text/html", "<!doctype html><html></html>")]
    [InlineData(200, "application/octet-stream", "\r\n<html>")]
    [InlineData(202, "text/html; charset=utf-8", "welcome")]
    public async Task A_web_page_is_no_success(int status, string type, string page)
    {
        Raw(EntryKind.Log, "svc", 1);
        _answers.Enqueue((status, type, Encoding.UTF8.GetBytes(page)));
        await StartAsync(""","streams":["otel_logs"]""");
        DestinationStatus seen = await _runner!.UntilAsync(s => s.State == DeliveryCondition.Paused || s.Delivered > 0);
        Assert.Equal((0L, "transport_mismatch"), (seen.Delivered, seen.Reason?.Code));
    }

    [Fact]
    public async Task A_receiver_that_is_unwell_is_waited_for_and_one_that_is_well_names_the_record()
    {
        Raw(EntryKind.Log, "svc", 1);
        Raw(EntryKind.Log, "svc", 2);
        for (int i = 0; i < 16; i++)
        {
            _answers.Enqueue((500, "application/x-protobuf", [0x12, 0x02, (byte)'h', (byte)'i'])); // the questions whether it is well, too
        }

        await StartAsync(""","streams":["otel_logs"]""");
        DestinationStatus status = await Settled();
        Assert.Equal((2L, 0, 0L), (status.Delivered, status.DeadLetters, status.Outcomes[(int)OutcomeKind.BadRecord]));
        Assert.Contains(_requests, r => r.Body.Length == 0);

        _requests.Clear();
        _poison = 4;
        Raw(EntryKind.Log, "svc", 3);
        Raw(EntryKind.Log, "svc", 4);
        _runner!.Kick();
        status = await Settled();
        Assert.Equal((3L, 1), (status.Delivered, status.DeadLetters));
        DeadLetter letter = Assert.Single(await _store.ReadDeadLettersAsync(Fixtures.Tenant, "d", 0, 10, default));
        Assert.Equal((3L, "HTTP 500: hi"), (letter.Seq, letter.Message));
    }

    private void Raw(EntryKind kind, string service, byte time)
    {
        // Resource{attributes: service.name}, Scope{name: s}, record{1: fixed64 time} (a span's and a metric's fields differ, the bytes are carried all the same)
        byte[] attribute = Message(1, [.. Field(1, "service.name"), .. Field(2, Field(1, service))]);
        byte[] record = kind switch
        {
            EntryKind.Log => [0x09, time, 0, 0, 0, 0, 0, 0, 0, .. Message(6, [.. Field(1, "own"), .. Field(2, Field(1, "here"))])],
            EntryKind.Span => [.. Field(5, "a span")],
            _ => [.. Field(1, "a metric")],
        };
        _source.Add(new StoredEvent(0, 1_767_225_600_000_000_000, kind, EnvelopeCodec.Write(new Envelope { Stream = kind == EntryKind.Metric ? null : "activity", Receiver = "otlp_http" }),
            Message(1, attribute), Message(1, Field(1, "s")), record));

        static byte[] Field(int field, object value)
        {
            byte[] bytes = value as byte[] ?? Encoding.UTF8.GetBytes((string)value);
            return Message(field, bytes);
        }

        static byte[] Message(int field, byte[] bytes) => [(byte)(field << 3 | 2), (byte)bytes.Length, .. bytes];
    }

    private async Task StartAsync(string more) =>
        _runner = await Fixtures.OpenAsync(Fixtures.Services(_source, _store, Path.GetTempPath()) with { Random = () => 0 }, $$"""{"id":"d","kind":"otlp_http","endpoint":"{{_app.Urls.First()}}"{{more}}}""");

    private Task<DestinationStatus> Settled() => _runner!.UntilAsync(s => s.Position == _source.Size);
}
