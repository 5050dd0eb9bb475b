using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using static Muniment.Events.Tests.Canonical.Reading;

namespace Muniment.Events.Tests.Canonical;

public sealed class DetailsTests
{
    private static string Event(string members) => $$"""{"actor":"a","action":"x","result":"info",{{members}}}""";

    [Theory]
    [InlineData("\"details\":{}", "{}")]
    [InlineData("\"details\":null", "{}")]
    [InlineData("\"details\":{\"n\":12345678901234567890.50,\"e\":1e400,\"z\":-0}", "{\"n\":12345678901234567890.50,\"e\":1e400,\"z\":-0}")]
    [InlineData("\"foo\":9007199254740993", "{\"foo\":9007199254740993}")]
    [InlineData("\"foo\":{\"a\":[1,null,\"\\u0000\"]},\"details\":{\"bar\":1}", "{\"bar\":1,\"foo\":{\"a\":[1,null,\"\\u0000\"]}}")]
    [InlineData("\"tool\":{\"name\":\"t\",\"extra\":1},\"model\":{\"x\":2}", "{\"tool\":{\"extra\":1},\"model\":{\"x\":2}}")]
    [InlineData("\"usage\":{\"cost\":{\"y\":1}}", "{\"usage.cost\":{\"y\":1}}")]
    public void WhateverElseCameIsKeptAsItWas(string members, string details) =>
        Assert.Equal(details, System.Text.Encoding.UTF8.GetString(Read(Event(members)).Details is { IsEmpty: false } d ? d.Span : "{}"u8));

    [Fact]
    public void WhatOnlyTheServerSetsIsKeptAsAClaim() => Assert.Equal(
        """{"x":1,"claimed":{"seq":5,"received":"2020-01-01T00:00:00Z","signal":"span","source":{"key":"root"},"decision":{"id":"d"}}}""",
        Details(Event("""
            "seq":5,"received":"2020-01-01T00:00:00Z","signal":"span","source":{"key":"root"},"decision":{"id":"d"},"details":{"x":1}
            """)));

    [Fact]
    public void NamesThatOnlyTheServerWritesCannotBeForged() => Assert.Equal(
        """{"ok":1,"claimed":{"details":{"claimed":{"user":"eve"},"id_conflict":"x"},"sent":{"cut":2}}}""",
        Details(Event("""
            "details":{"claimed":{"user":"eve"},"ok":1,"id_conflict":"x"},"cut":2
            """)));

    [Fact]
    public void ANameThatIsTakenMovesAside() => Assert.Equal(
        """{"foo":1,"tool":"t","claimed":{"sent":{"foo":2,"tool":{"extra":3}}}}""",
        Details(Event("""
            "foo":2,"tool":{"extra":3},"details":{"foo":1,"tool":"t"}
            """)));

    [Fact]
    public void DetailsStandOnOneLine() => Assert.DoesNotContain((byte)'\n', Read(Event("\"details\":{\n\t\"a\":\r\n1}")).Details.ToArray());

    [Fact]
    public void ABoundKeyOverridesUserAndProject()
    {
        Envelope bound = Plain with { User = "alice", Project = "p1", Verified = ["user", "project"] };
        JsonNode got = Json(Read("""{"actor":"user:eve","action":"x","result":"info","resource":{"project":"p2"}}""", bound));
        Assert.Equal("""{"id":"alice","type":"user","user":"alice"}""", got["actor"]!.ToJsonString());
        Assert.Equal("p1", (string)got["resource"]!["project"]!);
        Assert.Equal("""{"user":"eve","actor":"eve","project":"p2"}""", got["details"]!["claimed"]!.ToJsonString());
        Assert.Equal("user:alice", (string)Json(Read("""{"actor":"user:eve","action":"x","result":"info"}""", bound), flat: true)["actor"]!);

        JsonNode agent = Json(Read("""{"actor":{"id":"bot","type":"agent","user":"bob"},"action":"x","result":"info","seq":1}""", bound));
        Assert.Equal("""{"id":"bot","type":"agent","user":"alice"}""", agent["actor"]!.ToJsonString());
        Assert.Equal("""{"user":"bob","seq":1}""", agent["details"]!["claimed"]!.ToJsonString());

        JsonNode same = Json(Read("""{"actor":"user:alice","action":"x","result":"info"}""", bound));
        Assert.Equal("{}", same["details"]!.ToJsonString());
    }

    [Fact]
    public void ATimeTooFarAheadIsNotBelieved()
    {
        JsonNode got = Json(Read(Event("\"ts\":\"2026-11-22T10:02:20.000000001Z\"")));
        Assert.Equal("2026-11-21T10:02:20.000000000Z", (string)got["ts"]!);
        Assert.Equal("2026-11-22T10:02:20.000000001Z", (string)got["details"]!["ts_suspect"]!);
        Assert.Null(Json(Read(Event("\"ts\":\"2026-11-22T10:02:20Z\"")))["details"]!["ts_suspect"]);
        Assert.Equal("2026-11-21T10:02:20.000000000Z", (string)Json(Read(Event("\"x\":1")))["ts"]!);
    }

    [Fact]
    public void AConflictingIdIsReplacedByOneOfOurs()
    {
        CanonicalEvent e = Read(Event("\"id\":\"mine\""), Plain with { IdConflict = true });
        Assert.True(EventIds.TryDecodeSeq(Tenant, e.Id, out long seq));
        Assert.Equal(7, seq);
        Assert.False(e.HasSenderId);
        Assert.Equal("mine", (string)Json(e)["details"]!["id_conflict"]!);
    }

    [Fact]
    public void CutsAreCounted() => Assert.Equal(
        """{"cut":{"a":1,"process.command_args":2}}""",
        Details(Event("\"target\":\"t\""), Plain with { Cut = new Dictionary<string, int> { ["process.command_args"] = 2, ["a"] = 1 } }));

    [Fact]
    public void ThePlatformsOwnEventsKeepStreamAndDecision()
    {
        JsonNode got = Json(Read(Event("""
            "stream":"decision","decision":{"id":"d1"}
            """), new Envelope { Receiver = "platform" }));
        Assert.Equal(("decision", "d1"), ((string)got["stream"]!, (string)got["decision"]!["id"]!));
    }

    [Fact]
    public void ARecordThatCannotBeReadShowsAsOneEvent()
    {
        JsonNode got = Json(Read("{\"actor\":5}"));
        Assert.Equal(("event.unreadable", "error"), ((string)got["action"]!, (string)got["result"]!));
        Assert.StartsWith("actor: expected", (string)got["reason"]!, StringComparison.Ordinal);
    }
}
