using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Muniment.Gateway.Access;

namespace Muniment.Host.Tests;

/// <summary>OPA's decision logs as its plugin sends them.</summary>
[Collection(nameof(RealHost))]
public sealed class OpaLogTests(RealHost host)
{
    [Fact]
    public async Task Decisions_are_stored_once_however_often_they_are_sent()
    {
        string id = Guid.NewGuid().ToString();
        string body = $$$"""
            [{"labels":{"id":"opa-7","version":"1.2.0"},"decision_id":"{{{id}}}-1","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","bundles":{"authz":{"revision":"r42"}},
              "path":"http/authz/allow","input":{"user":"alice","method":"GET"},"result":true,"requested_by":"10.0.0.3","timestamp":"2026-03-01T10:00:00.123456789Z","req_id":7,"metrics":{"timer_server_handler_ns":1}},
             {"labels":{"id":"opa-7"},"decision_id":"{{{id}}}-2","path":"http/authz","input":{},"result":{"allow":false,"reason":"no role"},"timestamp":"2026-03-01T10:00:01Z"},
             {"labels":{"id":"opa-7"},"decision_id":"{{{id}}}-3","path":"http/authz","error":{"code":"eval_conflict_error","message":"two values"},"timestamp":"2026-03-01T10:00:02Z"}]
            """;
        Assert.Equal(HttpStatusCode.OK, await SendAsync(body));
        Assert.Equal(HttpStatusCode.OK, await SendAsync(body));
        Assert.Equal(HttpStatusCode.OK, await SendAsync("[" + body[(body.LastIndexOf("},\n", StringComparison.Ordinal) + 2)..])); // OPA cuts its chunks anew
        JsonElement[] events = [.. (await JsonAsync("/api/v1/events?action=policy.evaluate&order=asc&limit=1000")).GetProperty("items").EnumerateArray()
            .Where(e => e.GetProperty("id").GetString()!.StartsWith(id, StringComparison.Ordinal))];
        Assert.Equal(["allowed", "denied", "error"], events.Select(e => e.GetProperty("result").GetString()));
        Assert.Equal(["activity", "activity", "activity"], events.Select(e => e.GetProperty("stream").GetString()));
        Assert.Equal(("user", "alice", "http/authz/allow", "revision:r42"), (
            events[0].GetProperty("actor").GetProperty("type").GetString(), events[0].GetProperty("actor").GetProperty("id").GetString(),
            events[0].GetProperty("policy").GetProperty("id").GetString(), events[0].GetProperty("policy").GetProperty("digest").GetString()));
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", events[0].GetProperty("trace").GetProperty("trace_id").GetString());
        Assert.Equal("2026-03-01T10:00:00.123456789Z", events[0].GetProperty("ts").GetString());
        Assert.Equal(7, events[0].GetProperty("details").GetProperty("opa").GetProperty("req_id").GetInt32());
        Assert.True(events[0].GetProperty("source").GetProperty("imported").GetBoolean());
        Assert.Equal("opa-decision-log", events[0].GetProperty("source").GetProperty("dialect").GetString());
        Assert.Equal(("opa-7", "no role"), (events[1].GetProperty("actor").GetProperty("id").GetString(), events[1].GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task An_entry_whose_id_and_time_are_none_is_kept_all_the_same()
    {
        string mark = Guid.NewGuid().ToString("N");
        Assert.Equal(HttpStatusCode.OK, await SendAsync($$"""[{"decision_id":"\u00e9","timestamp":"yesterday","path":"{{mark}}","result":true}]"""));
        JsonElement found = Assert.Single((await JsonAsync("/api/v1/events?q=" + mark)).GetProperty("items").EnumerateArray());
        Assert.Equal(("allowed", "yesterday"), (found.GetProperty("result").GetString(), found.GetProperty("details").GetProperty("opa").GetProperty("timestamp").GetString()));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("[{]")]
    public async Task What_is_no_log_is_refused_whole(string body) => Assert.Equal(HttpStatusCode.BadRequest, await SendAsync(body));

    private async Task<HttpStatusCode> SendAsync(string body)
    {
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.UTF8.GetBytes(body));
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/opa/logs") { Content = new ByteArrayContent(zipped.ToArray()) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Content.Headers.ContentEncoding.Add("gzip");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + host.Key(Role.Ingest));
        using HttpResponseMessage answer = await host.Http.SendAsync(request);
        return answer.StatusCode;
    }

    private async Task<JsonElement> JsonAsync(string path)
    {
        using HttpResponseMessage answer = await host.SendAsync("GET", path, Role.Admin);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }
}
