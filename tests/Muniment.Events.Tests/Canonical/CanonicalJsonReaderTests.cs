using System.Text;
using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using static Muniment.Events.Tests.Canonical.Reading;

namespace Muniment.Events.Tests.Canonical;

public sealed class CanonicalJsonReaderTests
{
    private const string Full = """
        {"id":"evt-1","ts":"2026-11-21T10:02:20.123456789Z","stream":"activity","actor":{"id":"bot","type":"agent","user":"j@acme.com"},
        "agent":{"kind":"codex","version":"1.2","surface":"cli","instance":"i"},"action":"file.write","artifact":{"kind":"image","name":"n","version":"v","digest":"sha256:ab"},
        "policy":{"id":"p","version":3,"digest":"sha256:cd","rule":"r"},"target":"t","mode":"fixed",
        "trace":{"trace_id":"0AF7651916CD43DD8448EB211C80319C","span_id":"B7AD6B7169203331","session":"s","turn":"u","correlation":"c","request":"q"},
        "result":"allowed","reason":"why","risk":"high","resource":{"workspace":"w","project":"pr","team":"te","environment":"en","repo":"re","ticket":"ti","incident":"in"},
        "approval":{"by":"b","at":"2026-11-21T10:02:20Z","source":"hook","request":"ar"},"client":{"address":"10.0.0.1","place":"pl"},
        "model":{"provider":"openai","requested":"gpt-4","served":"gpt-4o"},
        "usage":{"input":1,"cache_read":2,"cache_write":3,"output":4,"reasoning":5,"cost":{"amount":"0.0120","unit":"USD","source":"reported"}},
        "tool":{"name":"bash","namespace":"native","server":"sv","call":"ca","command":"ls","duration_ms":1.5,"success":true,"exit_code":-1},
        "change":{"files":1,"added":2,"removed":3,"commits":4,"prs":5,"tests":6,"incidents":7},"details":{"x":1.10}}
        """;

    [Fact]
    public void EveryFieldOfTheContractComesBackAsSent()
    {
        JsonNode sent = JsonNode.Parse(Full)!;
        JsonNode got = Json(Read(Full));
        sent["trace"]!["trace_id"] = "0af7651916cd43dd8448eb211c80319c";
        sent["trace"]!["span_id"] = "b7ad6b7169203331";
        foreach ((string name, JsonNode? value) in sent.AsObject())
        {
            Assert.True(JsonNode.DeepEquals(value, got[name]), $"{name}: {got[name]}");
        }

        Assert.Equal(7, (long)got["seq"]!);
        Assert.Equal("2026-11-21T10:02:20.000000000Z", (string)got["received"]!);
        Assert.Equal("event", (string)got["signal"]!);
        Assert.Equal("""{"key":"k1","receiver":"events","mapper":1,"verified":[]}""", got["source"]!.ToJsonString());
    }

    [Fact]
    public void WhatAnEventSaysIsReadTheSameFromItsOwnOutput()
    {
        string once = Json(Read(Full)).ToJsonString();
        JsonNode again = Json(Read(once));
        foreach ((string name, JsonNode? value) in JsonNode.Parse(once)!.AsObject())
        {
            if (name is not "details")
            {
                Assert.True(JsonNode.DeepEquals(value, again[name]), name);
            }
        }
    }

    [Theory]
    [InlineData("""{"action":"a","result":"info"}""", "actor")]
    [InlineData("""{"actor":{},"action":"a","result":"info"}""", "actor.id")]
    [InlineData("""{"actor":{"id":""},"action":"a","result":"info"}""", "actor.id")]
    [InlineData("""{"actor":"","action":"a","result":"info"}""", "actor")]
    [InlineData("""{"actor":null,"action":"a","result":"info"}""", "actor")]
    [InlineData("""{"actor":7,"action":"a","result":"info"}""", "actor")]
    [InlineData("""{"actor":"a","result":"info"}""", "action")]
    [InlineData("""{"actor":"a","action":"","result":"info"}""", "action")]
    [InlineData("""{"actor":"a","action":"x","result":"maybe"}""", "result")]
    [InlineData("""{"actor":"a","action":"x"}""", "result")]
    [InlineData("""{"actor":"a","action":"x","result":null}""", "result")]
    public void RequiredFieldsAreNamed(string json, string field)
    {
        ParsedEvent parsed = Parse(json);
        Assert.Equal(ParseStatus.Invalid, parsed.Status);
        Assert.Equal(field, parsed.Field);
    }

    [Theory]
    [InlineData("id", "7")]
    [InlineData("id", "\"\"")]
    [InlineData("id", "\"é\"")]
    [InlineData("ts", "\"yesterday\"")]
    [InlineData("ts", "1795255340")]
    [InlineData("stream", "\"else\"")]
    [InlineData("mode", "\"auto\"")]
    [InlineData("risk", "\"HIGH\"")]
    [InlineData("reason", "{}")]
    [InlineData("target", "[]")]
    [InlineData("actor.type", "\"robot\"")]
    [InlineData("agent", "\"codex\"")]
    [InlineData("agent.surface", "\"phone\"")]
    [InlineData("artifact", "5")]
    [InlineData("artifact.digest", "\"abc\"")]
    [InlineData("policy.version", "-1")]
    [InlineData("policy.version", "1.5")]
    [InlineData("policy.version", "\"3\"")]
    [InlineData("trace.trace_id", "\"abc\"")]
    [InlineData("trace.trace_id", "\"00000000000000000000000000000000\"")]
    [InlineData("trace.span_id", "\"b7ad6b716920333g\"")]
    [InlineData("approval.at", "\"now\"")]
    [InlineData("approval.source", "\"me\"")]
    [InlineData("usage.input", "-5")]
    [InlineData("usage.input", "9223372036854775808")]
    [InlineData("usage.cost.amount", "\"1e3\"")]
    [InlineData("usage.cost.amount", "-1")]
    [InlineData("usage.cost.source", "\"guess\"")]
    [InlineData("tool.namespace", "\"x\"")]
    [InlineData("tool.duration_ms", "-0.5")]
    [InlineData("tool.duration_ms", "1e999")]
    [InlineData("tool.success", "\"yes\"")]
    [InlineData("tool.exit_code", "0.5")]
    [InlineData("change.files", "true")]
    [InlineData("details", "[]")]
    [InlineData("client.place", "\"a\\u0000b\"")]
    [InlineData("client.place", "\"\\ud800\"")]
    [InlineData("client.place", "\"\\udc00\\ud800\"")]
    public void EachFieldsTypeAndFormIsChecked(string field, string value)
    {
        string[] path = field.Split('.');
        string json = value;
        for (int i = path.Length - 1; i > 0; i--)
        {
            json = $"{{\"{path[i]}\":{json}}}";
        }

        if (path[0] == "actor")
        {
            json = $$$"""{"action":"x","result":"info","actor":{"id":"a","{{{path[1]}}}":{{{value}}}}}""";
        }
        else
        {
            json = $$"""{"actor":"a","action":"x","result":"info","{{path[0]}}":{{json}}}""";
        }

        ParsedEvent parsed = Parse(json);
        Assert.Equal(ParseStatus.Invalid, parsed.Status);
        Assert.Equal(field, parsed.Field);
        Assert.NotEmpty(parsed.Expected!);
        Assert.StartsWith(field + ": expected ", parsed.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("decision")]
    [InlineData("alert")]
    [InlineData("system")]
    public void AServersStreamIsForbiddenButAnImportsBecomesActivity(string stream)
    {
        string json = $$"""{"actor":"a","action":"x","result":"info","stream":"{{stream}}"}""";
        ParsedEvent parsed = Parse(json);
        Assert.Equal((ParseStatus.Forbidden, "stream"), (parsed.Status, parsed.Field));

        Assert.True(Parse(json, SenderKind.Import).IsOk);
        JsonNode got = Json(Read(json, Plain with { Imported = true }));
        Assert.Equal("activity", (string)got["stream"]!);
        Assert.Equal(stream, (string)got["details"]!["claimed"]!["stream"]!);
        Assert.True((bool)got["source"]!["imported"]!);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{")]
    [InlineData("""{"actor":"a","action":"x","result":"info"} x""")]
    [InlineData("""{"actor":"a","action":"x","result":"info"}{}""")]
    [InlineData("""{"actor":"a","action":"x","result":"info",}""")]
    [InlineData("{\"actor\":\"a\nb\",\"action\":\"x\",\"result\":\"info\"}")]
    [InlineData("""{"actor":"a","action":"x","result":"info","n":01}""")]
    public void WhatIsNoJsonObjectIsABadBody(string json)
    {
        ParsedEvent parsed = Parse(json);
        Assert.Equal((ParseStatus.Invalid, "body"), (parsed.Status, parsed.Field));
    }

    [Fact]
    public void InvalidUtf8IsRefused()
    {
        byte[] json = Encoding.UTF8.GetBytes("""{"actor":"a?","action":"x","result":"info"}""");
        json[Array.IndexOf(json, (byte)'?')] = 0xFF;
        Assert.Equal(("body", "valid UTF-8"), (CanonicalJsonReader.Parse(json, 0).Field, CanonicalJsonReader.Parse(json, 0).Expected));
    }

    [Theory]
    [InlineData("""{"actor":"a","action":"x","result":"info","action":"y"}""", "action")]
    [InlineData("""{"actor":"a","action":"x","result":"info","\u0061ction":"y"}""", "action")]
    [InlineData("""{"actor":{"id":"a","id":"b"},"action":"x","result":"info"}""", "actor.id")]
    [InlineData("""{"actor":"a","action":"x","result":"info","z":1,"z":2}""", "z")]
    [InlineData("""{"actor":"a","action":"x","result":"info","details":{"d":{"k":1,"k":1}}}""", "details.k")]
    public void AMemberThatOccursTwiceIsRefused(string json, string field) => Assert.Equal(field, Parse(json).Field);

    [Fact]
    public void TwiceIsSeenInLargeObjectsToo()
    {
        string members = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"k{i}\":{i}"));
        Assert.True(Parse($$$"""{"actor":"a","action":"x","result":"info","details":{{{{members}}}}}""").IsOk);
        Assert.Equal("details.k17", Parse($$$"""{"actor":"a","action":"x","result":"info","details":{{{{members}}},"k17":0}}""").Field);
        Assert.Equal("details.k17", Parse($$$"""{"actor":"a","action":"x","result":"info","details":{{{{members}}},"k\u00317":0}}""").Field);
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    [InlineData(100_000, false)]
    public void NestingIsBounded(int depth, bool ok)
    {
        string json = $$"""{"actor":"a","action":"x","result":"info","deep":{{new string('[', depth)}}{{new string(']', depth)}}}""";
        ParsedEvent parsed = Parse(json);
        Assert.Equal(ok, parsed.IsOk);
        Assert.True(ok || parsed.Reason.Contains("64", StringComparison.Ordinal), parsed.Reason);
    }

    [Fact]
    public void TheSizeIsBounded()
    {
        string json = $$"""{"actor":"a","action":"x","result":"info","big":"{{new string('x', EventLimits.MaxSizeBytes)}}"}""";
        Assert.Equal("body", Parse(json).Field);
    }

    [Fact]
    public void NoPrefixAndNoFlippedByteThrows()
    {
        byte[] json = Encoding.UTF8.GetBytes(Full);
        for (int length = 0; length < json.Length; length++)
        {
            Assert.False(CanonicalJsonReader.Parse(json.AsMemory(0, length), 0).IsOk);
        }

        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] copy = [.. json];
            copy[random.Next(copy.Length)] = (byte)random.Next(256);
            copy[random.Next(copy.Length)] = (byte)random.Next(256);
            ParsedEvent parsed = CanonicalJsonReader.Parse(copy, 0);
            Assert.True(parsed.IsOk || parsed.Field is not null);
            if (parsed.IsOk)
            {
                Json(Read(Encoding.UTF8.GetString(copy)));
            }
        }
    }
}
