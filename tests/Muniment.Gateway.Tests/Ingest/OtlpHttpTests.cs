using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Events.Otlp;
using Muniment.Gateway.Access;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Tests.Ingest;

public class OtlpHttpTests
{
    private const string Proto = "application/x-protobuf";
    private const string Json = "application/json";

    [Fact]
    public async Task All_three_signals_are_stored_in_both_encodings()
    {
        await using Door door = await Door.OpenAsync();
        foreach ((string path, OtlpSignal signal, string json) in new[]
        {
            ("logs", OtlpSignal.Logs, OtlpBodies.Logs(3)), ("traces", OtlpSignal.Traces, OtlpBodies.Spans), ("metrics", OtlpSignal.Metrics, OtlpBodies.Metrics),
        })
        {
            HttpResponseMessage proto = await Send(door, path, OtlpBodies.Proto(signal, json), Proto);
            Assert.Equal(HttpStatusCode.OK, proto.StatusCode);
            Assert.Equal(Proto, proto.Content.Headers.ContentType?.MediaType);
            Assert.Empty(await proto.Content.ReadAsByteArrayAsync());

            HttpResponseMessage text = await Send(door, path, Encoding.UTF8.GetBytes(json), Json + "; charset=utf-8");
            Assert.Equal(HttpStatusCode.OK, text.StatusCode);
            Assert.Equal("{}", await text.Content.ReadAsStringAsync());
        }

        IReadOnlyList<CanonicalEvent> stored = door.Journal.Canonical(TenantId.Default);
        Assert.Equal(10, stored.Count);
        Assert.Equal("probe.run", stored[0].Action);
        Assert.Equal("s-0", stored[0].Trace?.Session);
        Assert.Equal("otlp_http", stored[0].Source.Receiver);
        Assert.Null(stored[9].Stream);
        Assert.Equal(EntryKind.Metric, stored[9].Kind);
        StoredEvent span = door.Journal.Stored(TenantId.Default)[6];
        Assert.DoesNotContain("SECRET", Encoding.UTF8.GetString(span.Resource.Span), StringComparison.Ordinal);
        Assert.Contains("\"cut\":{\"process.command_args\":1}", Encoding.UTF8.GetString(stored[6].Details.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repeated_body_is_stored_once_and_answered_as_before()
    {
        await using Door door = await Door.OpenAsync();
        byte[] body = OtlpBodies.Proto(OtlpSignal.Logs, OtlpBodies.Logs(2));
        Assert.Equal(HttpStatusCode.OK, (await Send(door, "logs", body, Proto)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Send(door, "logs", body, Proto)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Send(door, "logs", EventsTests.Gzip(body), Proto, "gzip")).StatusCode);
        Assert.Equal(2, door.Journal.Stored(TenantId.Default).Count);
    }

    [Fact]
    public async Task An_empty_request_is_fine()
    {
        await using Door door = await Door.OpenAsync();
        Assert.Equal(HttpStatusCode.OK, (await Send(door, "logs", [], Proto)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Send(door, "traces", "{}"u8.ToArray(), Json)).StatusCode);
        Assert.Empty(door.Journal.Stored(TenantId.Default));
    }

    [Fact]
    public async Task Faults_are_answered_in_the_encoding_of_the_request()
    {
        await using Door door = await Door.OpenAsync();
        HttpResponseMessage proto = await Send(door, "logs", [0x0a, 0x7f, 1], Proto);
        Assert.Equal(HttpStatusCode.BadRequest, proto.StatusCode);
        Assert.Equal(Proto, proto.Content.Headers.ContentType?.MediaType);
        Assert.Equal([0x08, 0x03], (await proto.Content.ReadAsByteArrayAsync())[..2]);

        HttpResponseMessage json = await Send(door, "logs", "{\"resourceLogs\":7}"u8.ToArray(), Json);
        Assert.Equal(HttpStatusCode.BadRequest, json.StatusCode);
        Assert.Contains("resourceLogs", await json.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await Send(door, "logs", [], "text/plain")).StatusCode);
        HttpResponseMessage method = await door.SendAsync(HttpMethod.Get, "/v1/logs", null, door.Key(Role.Ingest), door.OtlpHttp);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
        Assert.Equal("POST", method.Content.Headers.Allow.Single());

        HttpResponseMessage noKey = await Send(door, "logs", "{}"u8.ToArray(), Json, key: "");
        Assert.Equal(HttpStatusCode.Unauthorized, noKey.StatusCode);
        Assert.Contains("\"code\":16", await noKey.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_capacity_says_when_to_come_back()
    {
        await using Door door = await Door.OpenAsync();
        door.Journal.Answer = AppendStatus.Overloaded;
        HttpResponseMessage answer = await Send(door, "logs", Encoding.UTF8.GetBytes(OtlpBodies.Logs()), Json);
        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal("1", answer.Headers.RetryAfter?.ToString());
        Assert.Contains("\"retryDelay\":\"1s\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_is_too_long_is_refused_by_itself()
    {
        await using Door door = await Door.OpenAsync();
        string big = OtlpBodies.Logs(1, new string('x', 5 << 20));
        string small = OtlpBodies.Logs(1);
        string both = big.Trim()[..^2] + "," + small.Trim()["{\"resourceLogs\":[".Length..];
        HttpResponseMessage answer = await Send(door, "logs", Encoding.UTF8.GetBytes(both), Json);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("\"rejectedLogRecords\":\"1\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Single(door.Journal.Stored(TenantId.Default));
    }

    [Fact]
    public async Task Each_port_serves_its_own_and_OTLP_is_on_the_main_port_too()
    {
        await using Door door = await Door.OpenAsync();
        byte[] body = OtlpBodies.Proto(OtlpSignal.Logs, OtlpBodies.Logs());
        Assert.Equal(HttpStatusCode.OK, (await Send(door, "logs", body, Proto, at: door.Http)).StatusCode);
        HttpResponseMessage elsewhere = await door.SendAsync(HttpMethod.Post, "/api/v1/events", new StringContent("{}", Encoding.UTF8, Json), door.Key(Role.Ingest), door.OtlpHttp);
        Assert.Equal(HttpStatusCode.NotFound, elsewhere.StatusCode);
    }

    [Fact]
    public async Task Without_a_key_loopback_may_send_when_the_operator_says_so()
    {
        await using Door door = await Door.OpenAsync(settings: ("Gateway:AnonymousIngest", "true"));
        Assert.Equal(HttpStatusCode.OK, (await Send(door, "logs", Encoding.UTF8.GetBytes(OtlpBodies.Logs()), Json, key: "")).StatusCode);
        CanonicalEvent stored = Assert.Single(door.Journal.Canonical(TenantId.Default));
        Assert.Null(stored.Source.Key);
        Assert.Empty(stored.Source.Verified);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Send(door, "logs", "{}"u8.ToArray(), Json, key: "mk_wrong")).StatusCode);
        HttpResponseMessage events = await door.SendAsync(HttpMethod.Post, "/api/v1/events", new StringContent("{}", Encoding.UTF8, Json));
        Assert.Equal(HttpStatusCode.Unauthorized, events.StatusCode);
    }

    private static async Task<HttpResponseMessage> Send(Door door, string path, byte[] body, string media, string? encoding = null, string? key = null, Uri? at = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(media);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return await door.SendAsync(HttpMethod.Post, "/v1/" + path, content, key is "" ? null : key ?? door.Key(Role.Ingest), at ?? door.OtlpHttp);
    }
}
