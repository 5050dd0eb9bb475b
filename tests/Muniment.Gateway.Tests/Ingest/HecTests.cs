using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Tests.Ingest;

public class HecTests
{
    private const string Channel = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

    [Fact]
    public async Task Concatenated_events_are_stored_and_metadata_carries_over()
    {
        await using Door door = await Door.OpenAsync();
        (int status, JsonElement answer) = await Post(door, "/services/collector/event", """
            {"time":1772000000.123456789,"host":"h1","sourcetype":"st","event":"first","fields":{"a":"b","n":[1,2]}} {"event":{"k":1}}{"host":"h2","event":"third"}
            """);
        Assert.Equal((200, """{"text":"Success","code":0}"""), (status, answer.GetRawText()));
        IReadOnlyList<CanonicalEvent> stored = door.Journal.Canonical(TenantId.Default);
        Assert.Equal(["h1", "h1", "h2"], stored.Select(item => item.Actor.Id));
        Assert.Equal(1_772_000_000_123_456_789, stored[0].TimeNs);
        Assert.All(stored, item => Assert.Equal(("hec", "log.record", "activity"), (item.Source.Receiver, item.Action, item.Stream)));
        Assert.Contains("\"sourcetype\":\"st\"", Encoding.UTF8.GetString(stored[2].Details.Span), StringComparison.Ordinal);
        Assert.Contains("\"fields\":{\"a\":\"b\",\"n\":[1,2]}", Encoding.UTF8.GetString(stored[0].Details.Span), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1772000000.5", 1_772_000_000_500_000_000)]
    [InlineData("\"1772000000\"", 1_772_000_000_000_000_000)]
    [InlineData("1772000000123", 1_772_000_000_123_000_000)]
    [InlineData("\"1772000000123.25\"", 1_772_000_000_123_250_000)]
    [InlineData("1772000000123456", 1_772_000_000_123_456_000)]
    [InlineData("1772000000123456789", 1_772_000_000_123_456_789)]
    public async Task Time_is_seconds_or_plainly_a_smaller_unit(string time, long expected)
    {
        await using Door door = await Door.OpenAsync();
        await Post(door, "/services/collector/event", $$"""{"time":{{time}},"event":"x"}""");
        Assert.Equal(expected, Assert.Single(door.Journal.Canonical(TenantId.Default)).TimeNs);
    }

    [Fact]
    public async Task Members_that_hec_does_not_know_are_kept()
    {
        await using Door door = await Door.OpenAsync();
        await Post(door, "/services/collector/event", """{"host":5,"source":"s","event":"x","cluster":{"name":"c"}}{"event":"y"}""");
        IReadOnlyList<CanonicalEvent> stored = door.Journal.Canonical(TenantId.Default);
        Assert.Contains("""hec":{"source":"s","host":5,"cluster":{"name":"c"}}""", Encoding.UTF8.GetString(stored[0].Details.Span), StringComparison.Ordinal);
        Assert.Contains("""hec":{"source":"s"}""", Encoding.UTF8.GetString(stored[1].Details.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_canonical_event_stays_one()
    {
        await using Door door = await Door.OpenAsync();
        await Post(door, "/services/collector", """{"time":"1772000000","host":"h","event":{"actor":"user:j@acme.com","action":"file.edit","result":"success","custom":7}}""");
        CanonicalEvent stored = Assert.Single(door.Journal.Canonical(TenantId.Default));
        Assert.Equal(("j@acme.com", "file.edit", 1_772_000_000_000_000_000), (stored.Actor.Id, stored.Action, stored.TimeNs));
        Assert.Contains("\"custom\":7", Encoding.UTF8.GetString(stored.Details.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Raw_lines_are_events()
    {
        await using Door door = await Door.OpenAsync();
        (int status, _) = await Post(door, "/services/collector/raw?host=web1&sourcetype=log", "one\r\n\ntwo \"quoted\"\n");
        Assert.Equal(200, status);
        IReadOnlyList<CanonicalEvent> stored = door.Journal.Canonical(TenantId.Default);
        Assert.Equal(2, stored.Count);
        Assert.Equal("web1", stored[1].Actor.Id);
    }

    [Fact]
    public async Task Raw_lines_have_the_time_of_the_request()
    {
        await using Door door = await Door.OpenAsync();
        Assert.Equal(200, (await Post(door, "/services/collector/raw?time=1772000000.5", "one\ntwo")).Status);
        Assert.Equal([1_772_000_000_500_000_000, 1_772_000_000_500_000_000], door.Journal.Canonical(TenantId.Default).Select(e => e.TimeNs));
        (int status, JsonElement answer) = await Post(door, "/services/collector/raw?time=noon", "three");
        Assert.Equal((400, 6), (status, answer.GetProperty("code").GetInt32()));
        Assert.Equal(2, door.Journal.Canonical(TenantId.Default).Count);
    }

    [Theory]
    [InlineData("", 400, 5, -1)]
    [InlineData("   ", 400, 5, -1)]
    [InlineData("{", 400, 6, 0)]
    [InlineData("""{"event":"a"}{"event":"b"}{""", 400, 6, 2)]
    [InlineData("""[{"event":"a"}]""", 400, 6, 0)]
    [InlineData("""{"event":"a"}{"host":"h"}""", 400, 12, 1)]
    [InlineData("""{"event":null}""", 400, 12, 0)]
    [InlineData("""{"event":""}""", 400, 13, 0)]
    [InlineData("""{"event":"a","fields":{"x":{"y":1}}}""", 400, 15, 0)]
    [InlineData("""{"event":"a","fields":"x"}""", 400, 15, 0)]
    [InlineData("""{"event":"a","time":"noon"}""", 400, 6, 0)]
    [InlineData("""{"event":"a","time":-1}""", 400, 6, 0)]
    [InlineData("""{"event":"\ud800"}""", 400, 6, 0)]
    [InlineData("""{"event":"a","event":"b"}""", 400, 6, 0)]
    [InlineData("""{"event":{"actor":"a","action":"b.c","result":"info","stream":"admin"}}""", 403, 6, 0)]
    public async Task Faults_have_splunks_codes_and_store_nothing(string body, int expected, int code, int number)
    {
        await using Door door = await Door.OpenAsync();
        (int status, JsonElement answer) = await Post(door, "/services/collector/event", body);
        Assert.Equal((expected, code), (status, answer.GetProperty("code").GetInt32()));
        Assert.Equal(number, answer.TryGetProperty("invalid-event-number", out JsonElement at) ? at.GetInt32() : -1);
        Assert.Empty(door.Journal.Stored(TenantId.Default));
    }

    [Fact]
    public async Task The_token_is_checked_before_the_body()
    {
        await using Door door = await Door.OpenAsync();
        Assert.Equal(2, (await Post(door, "/services/collector", "{", scheme: null)).Answer.GetProperty("code").GetInt32());
        Assert.Equal(3, (await Post(door, "/services/collector", "{", scheme: "Basic")).Answer.GetProperty("code").GetInt32());
        (int status, JsonElement wrong) = await Post(door, "/services/collector", "{", key: "mk_wrong");
        Assert.Equal((403, 4), (status, wrong.GetProperty("code").GetInt32()));
        Assert.Equal(403, (await Post(door, "/services/collector", "{", key: door.Key(Role.Analyst))).Status);
    }

    [Fact]
    public async Task An_acknowledgement_means_durable()
    {
        await using Door door = await Door.OpenAsync();
        (_, JsonElement one) = await Post(door, "/services/collector", """{"event":"a"}""", channel: Channel);
        (_, JsonElement two) = await Post(door, "/services/collector", """{"event":"b"}""", channel: Channel);
        Assert.Equal([0, 1], new[] { one, two }.Select(answer => answer.GetProperty("ackId").GetInt64()));
        (_, JsonElement acks) = await Post(door, $"/services/collector/ack?channel={Channel}", """{"acks":[0,1,2]}""");
        Assert.Equal("""{"acks":{"0":true,"1":true,"2":false}}""", acks.GetRawText());
        Assert.Equal(10, (await Post(door, "/services/collector/ack", """{"acks":[0]}""")).Answer.GetProperty("code").GetInt32());
        Assert.Equal(11, (await Post(door, "/services/collector/ack", """{"acks":[0]}""", channel: "none")).Answer.GetProperty("code").GetInt32());
        Assert.Equal(6, (await Post(door, "/services/collector/ack", """{"acks":["x"]}""", channel: Channel)).Answer.GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task Busy_is_splunks_nine()
    {
        await using Door door = await Door.OpenAsync();
        door.Journal.Answer = AppendStatus.StorageFull;
        (int status, JsonElement answer) = await Post(door, "/services/collector", """{"event":"a"}""", channel: Channel);
        Assert.Equal((503, 9), (status, answer.GetProperty("code").GetInt32()));
        Assert.False(answer.TryGetProperty("ackId", out _));
        door.Journal.Answer = null;
        using HttpResponseMessage health = await door.SendAsync(HttpMethod.Get, "/services/collector/health/1.0", null, door.Key(Role.Ingest));
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Contains("\"code\":17", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<(int Status, JsonElement Answer)> Post(Door door, string path, string body, string? scheme = "Splunk", string? key = null, string? channel = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(door.Http, path)) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        if (scheme is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(scheme, key ?? door.Key(Role.Ingest));
        }

        if (channel is not null)
        {
            request.Headers.Add("X-Splunk-Request-Channel", channel);
        }

        using HttpResponseMessage answer = await door.Client.SendAsync(request);
        return ((int)answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }
}
