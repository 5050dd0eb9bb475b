using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Canonical;
using Muniment.Gateway.Access;
using Muniment.Gateway.Tests.Hosting;
using Muniment.Messages.Journal;
using Muniment.Messages.Tenants;

namespace Muniment.Gateway.Tests.Ingest;

public class EventsTests
{
    private const string Good = """{"actor":"user:j@acme.com","action":"file.edit","result":"success"}""";

    [Fact]
    public async Task One_event_is_stored_as_it_was_sent()
    {
        await using Door door = await Door.OpenAsync();
        (HttpStatusCode status, JsonElement answer) = await Post(door, Good);
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal("""{"accepted":1,"duplicates":0,"rejected":[],"first":0,"last":0}""", answer.GetRawText());
        CanonicalEvent stored = Assert.Single(door.Journal.Canonical(TenantId.Default));
        Assert.Equal("activity", stored.Stream);
        Assert.Equal("events", stored.Source.Receiver);
        Assert.Equal("127.0.0.1", stored.Source.Address);
        Assert.True(ApiKey.TryParse(door.Key(Role.Ingest), out _, out string? id));
        Assert.Equal(id, stored.Source.Key);
        Assert.Equal(Good, Encoding.UTF8.GetString(door.Journal.Stored(TenantId.Default)[0].Record.Span));
    }

    [Fact]
    public async Task A_batch_stores_the_good_ones_under_consecutive_seqs_and_names_the_bad()
    {
        await using Door door = await Door.OpenAsync();
        (HttpStatusCode status, JsonElement answer) = await Post(door, $$"""[{{Good}},{"actor":"user:a","action":"x.y"},{{Good.Replace("file.edit", "file.read")}},7]""");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(2, answer.GetProperty("accepted").GetInt32());
        Assert.Equal(0, answer.GetProperty("first").GetInt64());
        Assert.Equal(1, answer.GetProperty("last").GetInt64());
        JsonElement[] rejected = [.. answer.GetProperty("rejected").EnumerateArray()];
        Assert.Equal([1, 3], rejected.Select(item => item.GetProperty("index").GetInt32()));
        Assert.Equal("result", rejected[0].GetProperty("field").GetString());
        Assert.Equal(2, door.Journal.Stored(TenantId.Default).Count);
    }

    [Fact]
    public async Task Lines_are_a_batch_and_a_broken_line_is_one_of_its_items()
    {
        await using Door door = await Door.OpenAsync();
        (HttpStatusCode status, JsonElement answer) = await Post(door, Good + "\r\n\n{broken\n" + Good.Replace("edit", "read") + "\n", "application/x-ndjson");
        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal(2, answer.GetProperty("accepted").GetInt32());
        Assert.Equal(1, Assert.Single(answer.GetProperty("rejected").EnumerateArray()).GetProperty("index").GetInt32());
    }

    [Theory]
    [InlineData("""{"actor":"user:a","action":"x.y"}""", 400, "result")]
    [InlineData("""{"actor":"user:a","action":"x.y","result":"perhaps"}""", 400, "result")]
    [InlineData("""{"actor":"user:a","action":"x.y","result":"info","stream":"admin"}""", 403, "stream")]
    [InlineData("{", 400, "body")]
    [InlineData("", 400, "body")]
    [InlineData("[1,", 400, "body")]
    [InlineData("[] []", 400, "body")]
    [InlineData("\"text\"", 400, "body")]
    public async Task A_lone_bad_event_or_body_stores_nothing_and_names_the_field(string body, int expected, string field)
    {
        await using Door door = await Door.OpenAsync();
        (HttpStatusCode status, JsonElement answer) = await Post(door, body);
        Assert.Equal(expected, (int)status);
        Assert.Equal(field, answer.GetProperty("field").GetString());
        Assert.Empty(door.Journal.Stored(TenantId.Default));
    }

    [Fact]
    public async Task A_servers_stream_in_a_batch_refuses_the_whole_request()
    {
        await using Door door = await Door.OpenAsync();
        (HttpStatusCode status, JsonElement answer) = await Post(door, $$"""[{{Good}},{"actor":"user:a","action":"x.y","result":"info","stream":"decision"}]""");
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains("event 1", answer.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Empty(door.Journal.Stored(TenantId.Default));
    }

    [Fact]
    public async Task The_same_id_and_content_is_counted_and_stored_once()
    {
        await using Door door = await Door.OpenAsync();
        string one = Good.Replace("{\"actor\"", "{\"id\":\"one\",\"actor\"");
        await Post(door, one);
        (_, JsonElement again) = await Post(door, one);
        Assert.Equal("""{"accepted":0,"duplicates":1,"rejected":[],"first":null,"last":null}""", again.GetRawText());
        (_, JsonElement mixed) = await Post(door, $"[{one},{one.Replace("one", "two")},{one.Replace("one", "two")}]");
        Assert.Equal("""{"accepted":1,"duplicates":2,"rejected":[],"first":1,"last":1}""", mixed.GetRawText());
        Assert.Equal(2, door.Journal.Stored(TenantId.Default).Count);
    }

    [Fact]
    public async Task The_same_id_with_other_content_is_stored_under_an_id_of_ours()
    {
        await using Door door = await Door.OpenAsync();
        string one = Good.Replace("{\"actor\"", "{\"id\":\"one\",\"actor\"");
        await Post(door, one);
        (_, JsonElement other) = await Post(door, $"[{one.Replace("edit", "read")},{one.Replace("edit", "move")}]");
        Assert.Equal(2, other.GetProperty("accepted").GetInt32());
        Assert.Equal(0, other.GetProperty("duplicates").GetInt32());
        IReadOnlyList<CanonicalEvent> stored = door.Journal.Canonical(TenantId.Default);
        Assert.Equal(["one", "file.edit"], [stored[0].Id, stored[0].Action]);
        Assert.All(stored.Skip(1), item =>
        {
            Assert.NotEqual("one", item.Id);
            Assert.Contains("\"id_conflict\":\"one\"", Encoding.UTF8.GetString(item.Details.Span), StringComparison.Ordinal);
        });

        (_, JsonElement again) = await Post(door, $"[{one},{one.Replace("edit", "move")},{one.Replace("edit", "copy")},{one.Replace("edit", "read")}]");
        Assert.Equal("""{"accepted":1,"duplicates":3,"rejected":[],"first":3,"last":3}""", again.GetRawText());
        (_, JsonElement lone) = await Post(door, one.Replace("edit", "read"));
        Assert.Equal("""{"accepted":0,"duplicates":1,"rejected":[],"first":null,"last":null}""", lone.GetRawText());
    }

    [Fact]
    public async Task A_repeated_body_without_ids_is_answered_as_before()
    {
        await using Door door = await Door.OpenAsync();
        (_, JsonElement first) = await Post(door, $"[{Good},{Good}]");
        Assert.Equal(2, first.GetProperty("accepted").GetInt32());
        await Post(door, Good);
        (_, JsonElement again) = await Post(door, $"[{Good},{Good}]");
        Assert.Equal(first.GetRawText(), again.GetRawText());
        Assert.Equal(3, door.Journal.Stored(TenantId.Default).Count);
        (_, JsonElement otherKey) = await Post(door, $"[{Good},{Good}]", key: door.Key(Role.Agent));
        Assert.Equal(3, otherKey.GetProperty("first").GetInt64());
    }

    [Fact]
    public async Task A_repeat_in_which_only_some_events_have_ids_stores_none_twice()
    {
        await using Door door = await Door.OpenAsync();
        string body = $"[{Good},{Good.Replace("{\"actor\"", "{\"id\":\"one\",\"actor\"")}]";
        await Post(door, body);
        (_, JsonElement again) = await Post(door, body);
        Assert.Equal("""{"accepted":0,"duplicates":2,"rejected":[],"first":null,"last":null}""", again.GetRawText());
        Assert.Equal(2, door.Journal.Stored(TenantId.Default).Count);
    }

    [Fact]
    public async Task A_bound_key_overrides_what_the_body_claims()
    {
        await using Door door = await Door.OpenAsync();
        string key = await door.KeyAsync("default", Role.Ingest, user: "jane@acme.com", project: "atlas");
        await Post(door, """{"actor":"user:mallory","action":"x.y","result":"info","resource":{"project":"zeus"}}""", key: key);
        CanonicalEvent stored = Assert.Single(door.Journal.Canonical(TenantId.Default));
        Assert.Equal("jane@acme.com", stored.Actor.User);
        Assert.Equal("atlas", stored.Resource?.Project);
        Assert.Equal(["user", "project"], stored.Source.Verified);
        Assert.Contains("mallory", Encoding.UTF8.GetString(stored.Details.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tenants_do_not_share_a_journal()
    {
        await using Door door = await Door.OpenAsync();
        await door.TenantAsync("blue");
        await Post(door, Good);
        (_, JsonElement blue) = await Post(door, Good, key: door.Key(Role.Ingest, "blue"));
        Assert.Equal(0, blue.GetProperty("first").GetInt64());
        Assert.Single(door.Journal.Stored(TenantId.Parse("blue")));
    }

    [Fact]
    public async Task Gzip_is_read_and_its_faults_are_named()
    {
        await using Door door = await Door.OpenAsync();
        byte[] packed = Gzip(Encoding.UTF8.GetBytes(Good));
        Assert.Equal(202, await PostBytes(door, packed, "gzip"));
        byte[] wrongCrc = [.. packed];
        wrongCrc[^6] ^= 1;
        byte[] wrongSize = [.. packed];
        wrongSize[^1] ^= 1;
        foreach (byte[] bad in new[]
        {
            packed[..^1], packed[..^8], packed[..(packed.Length / 2)], wrongCrc, wrongSize, [.. packed, 0], [.. packed, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            [.. packed, .. packed], [.. packed, 0x1f, 0x8b], Encoding.UTF8.GetBytes(Good), [],
        })
        {
            Assert.Equal(400, await PostBytes(door, bad, "gzip"));
        }

        foreach (string encoding in new[] { "gzip, gzip", "br", "zstd", "deflate", "nonsense" })
        {
            Assert.Equal(415, await PostBytes(door, packed, encoding));
        }

        Assert.Single(door.Journal.Stored(TenantId.Default));
    }

    [Fact]
    public async Task A_gzip_body_cut_at_any_byte_is_refused()
    {
        await using Door door = await Door.OpenAsync();
        byte[] packed = Gzip(Encoding.UTF8.GetBytes(Good));
        for (int length = 0; length < packed.Length; length++)
        {
            Assert.Equal(400, await PostBytes(door, packed[..length], "gzip"));
        }

        Assert.Empty(door.Journal.Stored(TenantId.Default));
    }

    [Fact]
    public async Task A_bomb_is_refused_by_its_ratio_and_by_its_size()
    {
        await using Door door = await Door.OpenAsync();
        Assert.Equal(413, await PostBytes(door, Gzip(new byte[20_000_000], CompressionLevel.SmallestSize), "gzip"));
        Assert.Equal(413, await PostBytes(door, Gzip(new byte[70_000_000]), "gzip"));
        Assert.Equal(413, await PostBytes(door, new byte[(16 << 20) + 1], null));
        Assert.True(await door.Services.GivesAllBackAsync());
    }

    [Theory]
    [InlineData(AppendStatus.Overloaded, 429, "1")]
    [InlineData(AppendStatus.StorageFull, 503, "2")]
    [InlineData(AppendStatus.StorageFailed, 503, "2")]
    [InlineData(AppendStatus.Fenced, 503, "2")]
    public async Task What_is_not_durable_is_not_acknowledged(AppendStatus status, int expected, string retryAfter)
    {
        await using Door door = await Door.OpenAsync();
        door.Journal.Answer = status;
        using HttpResponseMessage answer = await door.SendAsync(HttpMethod.Post, "/api/v1/events", new StringContent(Good, Encoding.UTF8, "application/json"), door.Key(Role.Ingest));
        Assert.Equal(expected, (int)answer.StatusCode);
        Assert.Equal(retryAfter, answer.Headers.RetryAfter?.ToString());
    }

    [Fact]
    public async Task The_answer_waits_for_the_journal()
    {
        await using Door door = await Door.OpenAsync();
        var durable = new TaskCompletionSource();
        door.Journal.Hold = durable.Task;
        Task<(HttpStatusCode Status, JsonElement Answer)> post = Post(door, Good);
        Assert.NotSame(post, await Task.WhenAny(post, Task.Delay(150)));
        durable.SetResult();
        Assert.Equal(HttpStatusCode.Accepted, (await post).Status);
    }

    [Fact]
    public async Task A_quota_of_events_answers_429_and_refills()
    {
        var time = new ManualTime();
        await using Door door = await Door.OpenAsync(time: time);
        await door.TenantAsync("small", new QuotaMessage(2, 0, 0));
        string key = door.Key(Role.Ingest, "small");
        Assert.Equal(HttpStatusCode.Accepted, (await Post(door, Numbered(1), key: key)).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await Post(door, Numbered(2), key: key)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Post(door, Numbered(3), key: key)).Status);
        time.Advance(TimeSpan.FromSeconds(0.6));
        Assert.Equal(HttpStatusCode.Accepted, (await Post(door, Numbered(3), key: key)).Status);
    }

    [Fact]
    public async Task A_quota_of_bytes_lasts_until_the_next_day()
    {
        var time = new ManualTime();
        await using Door door = await Door.OpenAsync(time: time);
        await door.TenantAsync("small", new QuotaMessage(0, Good.Length + 20, 0));
        string key = door.Key(Role.Ingest, "small");
        Assert.Equal(HttpStatusCode.Accepted, (await Post(door, Numbered(1), key: key)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Post(door, Numbered(2), key: key)).Status);
        time.Advance(TimeSpan.FromHours(12));
        Assert.Equal(HttpStatusCode.Accepted, (await Post(door, Numbered(2), key: key)).Status);
    }

    internal static byte[] Gzip(byte[] bytes, CompressionLevel level = CompressionLevel.Fastest)
    {
        var output = new MemoryStream();
        using (var gzip = new GZipStream(output, level, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return output.ToArray();
    }

    private static string Numbered(int number) => Good.Replace("file.edit", $"file.edit{number}");

    private static async Task<int> PostBytes(Door door, byte[] body, string? encoding)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (encoding is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        }

        using HttpResponseMessage answer = await door.SendAsync(HttpMethod.Post, "/api/v1/events", content, door.Key(Role.Ingest));
        return (int)answer.StatusCode;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> Post(Door door, string body, string media = "application/json", string? key = null)
    {
        using HttpResponseMessage answer = await door.SendAsync(HttpMethod.Post, "/api/v1/events", new StringContent(body, Encoding.UTF8, media), key ?? door.Key(Role.Ingest));
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync()));
    }
}
