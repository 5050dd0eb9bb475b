using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Muniment.Events;
using Muniment.Events.Otlp;
using Muniment.Gateway.Access;
using Muniment.Gateway.Tests.Hosting;

namespace Muniment.Gateway.Tests.Ingest;

/// <summary>Bodies made to break parsers: a 4xx that names the cause, or stored so that it reads back; never a 5xx.</summary>
public class HostileBodyTests
{
    private const string Good = """{"actor":"service:ci","action":"build.run","result":"success"}""";

    private static readonly Dictionary<string, byte[]> Refused = new(StringComparer.Ordinal)
    {
        ["byte order mark"] = [0xEF, 0xBB, 0xBF, .. Utf8(Good)],
        ["UTF-16"] = Encoding.Unicode.GetBytes(Good),
        ["invalid UTF-8"] = [.. Utf8("""{"actor":"service:"""), 0xC3, 0x28, .. Utf8("\",\"action\":\"a.b\",\"result\":\"info\"}")],
        ["overlong UTF-8"] = [.. Utf8("""{"actor":"service:"""), 0xC0, 0xAF, .. Utf8("\",\"action\":\"a.b\",\"result\":\"info\"}")],
        ["lone surrogate"] = Utf8(With("\"reason\":\"\\ud800\"")),
        ["repeated name"] = Utf8(With("\"action\":\"x.y\"")),
        ["repeated name inside details"] = Utf8(With("\"details\":{\"a\":1,\"a\":2}")),
        ["repeated name by escape"] = Utf8(With("\"\\u0061ction\":\"x.y\"")),
        ["nested 10,000 deep"] = Utf8(With("\"details\":{\"a\":" + new string('[', 10_000) + new string(']', 10_000) + "}")),
        ["array nested 10,000 deep"] = Utf8(new string('[', 10_000) + new string(']', 10_000)),
        ["a key of 10 MB"] = Utf8(With($"\"{new string('k', 10 << 20)}\":1")),
        ["trailing comma"] = Utf8(Good[..^1] + ",}"),
        ["comment"] = Utf8("/* hello */" + Good),
        ["single quotes"] = Utf8(Good.Replace('"', '\'')),
        ["NaN"] = Utf8(With("\"x\":NaN")),
        ["leading zero"] = Utf8(With("\"x\":01")),
        ["two values"] = Utf8(Good + Good),
        ["control character in a text"] = Utf8(With("\"reason\":\"a\nb\"")),
        ["id of 129 characters"] = Utf8(With($"\"id\":\"{new string('i', 129)}\"")),
        ["empty id"] = Utf8(With("\"id\":\"\"")),
        ["id with a line break"] = Utf8(With("\"id\":\"a\\nb\"")),
        ["ts in words"] = Utf8(With("\"ts\":\"yesterday\"")),
        ["ts before 1970"] = Utf8(With("\"ts\":\"1969-12-31T23:59:59Z\"")),
        ["ts after int64"] = Utf8(With("\"ts\":\"9999-12-31T23:59:59Z\"")),
        ["ts on 30 February"] = Utf8(With("\"ts\":\"2026-02-30T00:00:00Z\"")),
        ["count beyond int64"] = Utf8(With("\"usage\":{\"input\":99999999999999999999}")),
        ["number as text"] = Utf8(With("\"usage\":{\"input\":\"7\"}")),
        ["NUL in a text"] = Utf8(With("\"reason\":\"a\\u0000b\"")),
        ["null body"] = Utf8("null"),
        ["number body"] = Utf8("7"),
    };

    private static readonly Dictionary<string, string> Kept = new(StringComparer.Ordinal)
    {
        ["line separators"] = With("\"reason\":\"a\u2028b\u2029c\""),
        ["right-to-left override"] = With("\"reason\":\"a\u202Eb\""),
        ["zero width"] = With("\"reason\":\"a\u200Bb\""),
        ["2^53+1"] = With("\"big\":9007199254740993"),
        ["a number of 400 digits"] = With($"\"big\":{new string('9', 400)}"),
        ["1e400"] = With("\"big\":1e400"),
        ["-0"] = With("\"big\":-0"),
        ["NFC and NFD twins"] = With("\"\u00e9\":1,\"e\u0301\":2"),
        ["50,000 keys"] = With(string.Join(",", Enumerable.Range(0, 50_000).Select(i => $"\"k{i}\":1"))),
    };

    // Names only: what stands here goes through the test runner's protocol, where large bodies cost minutes.
    public static TheoryData<string> RefusedNames() => [.. Refused.Keys];

    public static TheoryData<string> KeptNames() => [.. Kept.Keys];

    public static TheoryData<string> BadProtobufNames() => [.. BadProtobuf.Keys];

    [Theory]
    [MemberData(nameof(RefusedNames))]
    public async Task Bad_json_is_refused_by_name(string name)
    {
        byte[] body = Refused[name];
        await using Door door = await Door.OpenAsync();
        (int status, string text) = await Post(door, door.Http, "/api/v1/events", body, "application/json");
        Assert.True(status is 400 or 413, $"{name}: {status} {text}");
        Assert.NotEmpty(JsonElement.Parse(text).GetProperty("field").GetString()!);
        Assert.Empty(door.Journal.Stored(TenantId.Default));
    }

    [Theory]
    [MemberData(nameof(KeptNames))]
    public async Task Odd_json_is_kept_as_it_came(string name)
    {
        string body = Kept[name];
        await using Door door = await Door.OpenAsync();
        (int status, string text) = await Post(door, door.Http, "/api/v1/events", Utf8(body), "application/json");
        Assert.True(status is 202, $"{name}: {status} {text}");
        Assert.Equal(Utf8(body), door.Journal.Stored(TenantId.Default)[0].Record.ToArray());
        Assert.NotEqual("event.unreadable", door.Journal.Canonical(TenantId.Default)[0].Action);
    }

    [Fact]
    public async Task Every_prefix_of_a_json_event_is_refused()
    {
        await using Door door = await Door.OpenAsync();
        for (int length = 0; length < Good.Length; length++)
        {
            Assert.Equal(400, (await Post(door, door.Http, "/api/v1/events", Utf8(Good[..length]), "application/json")).Status);
        }
    }

    [Fact]
    public async Task Every_prefix_of_a_protobuf_request_is_refused_or_whole()
    {
        await using Door door = await Door.OpenAsync();
        byte[] body = OtlpBodies.Proto(OtlpSignal.Logs, OtlpBodies.Logs());
        for (int length = 1; length < body.Length; length++)
        {
            Assert.Equal(400, (await Post(door, door.OtlpHttp, "/v1/logs", body[..length], "application/x-protobuf")).Status);
        }

        Assert.Empty(door.Journal.Stored(TenantId.Default));
    }

    private static readonly Dictionary<string, byte[]> BadProtobuf = new(StringComparer.Ordinal)
    {
        ["varint of 11 bytes"] = [0x08, .. Enumerable.Repeat((byte)0xFF, 10), 1],
        ["length beyond the end"] = [0x0A, 0x7F],
        ["length of 2^31-1"] = [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x07],
        ["wrong wire type"] = [0x08, 0x01],
        ["field number 0"] = [0x02, 0x00],
        ["group without end"] = [0x0B],
        ["end without group"] = [0x0C],
        ["wire type 7"] = [0x0F],
        ["text that is no UTF-8"] = Nested(1, Nested(2, Nested(2, [(12 << 3) | 2, 2, 0xC3, 0x28]))),
        ["values nested 200 deep"] = Nested(1, Nested(2, Nested(2, Nested(5, DeepValue(200))))),
        ["JSON"] = Utf8("{}"),
    };

    [Theory]
    [MemberData(nameof(BadProtobufNames))]
    public async Task Bad_protobuf_is_refused_by_name(string name)
    {
        byte[] body = BadProtobuf[name];
        await using Door door = await Door.OpenAsync();
        (int status, string text) = await Post(door, door.OtlpHttp, "/v1/logs", body, "application/x-protobuf");
        Assert.True(status is 400, $"{name}: {status}");
        Assert.True(text.Length > 4, name);
        Assert.Empty(door.Journal.Stored(TenantId.Default));
    }

    [Fact]
    public async Task Records_are_counted_however_small_they_are()
    {
        await using Door door = await Door.OpenAsync(settings: ("Gateway:MaxEventsPerRequest", "1000"));
        byte[] thousand = [.. Enumerable.Repeat<byte[]>([0x12, 0x00], 1000).SelectMany(record => record)];
        Assert.Equal(200, (await Post(door, door.OtlpHttp, "/v1/logs", Nested(1, Nested(2, thousand)), "application/x-protobuf")).Status);
        Assert.Equal(400, (await Post(door, door.OtlpHttp, "/v1/logs", Nested(1, Nested(2, [.. thousand, 0x12, 0x00])), "application/x-protobuf")).Status);
        string lines = string.Join("\n", Enumerable.Repeat(Good, 1001));
        Assert.Equal(413, (await Post(door, door.Http, "/api/v1/events", Utf8(lines), "application/x-ndjson")).Status);
        Assert.Equal(1000, door.Journal.Stored(TenantId.Default).Count);
    }

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static string With(string members) => Good[..^1] + "," + members + "}";

    private static byte[] Nested(int field, byte[] content)
    {
        var bytes = new List<byte> { (byte)((field << 3) | 2) };
        uint length = (uint)content.Length;
        for (; length >= 0x80; length >>= 7)
        {
            bytes.Add((byte)(length | 0x80));
        }

        bytes.Add((byte)length);
        return [.. bytes, .. content];
    }

    private static byte[] DeepValue(int depth)
    {
        byte[] value = [];
        for (int i = 0; i < depth; i++)
        {
            value = Nested(5, Nested(1, value));
        }

        return value;
    }

    private static async Task<(int Status, string Text)> Post(Door door, Uri at, string path, byte[] body, string media)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(media);
        using HttpResponseMessage answer = await door.SendAsync(HttpMethod.Post, path, content, door.Key(Role.Ingest), at);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
