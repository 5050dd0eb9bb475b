using System.Text.Json.Nodes;
using static Muniment.Events.Tests.Canonical.Reading;

namespace Muniment.Events.Tests.Canonical;

public sealed class FlatFormTests
{
    private const string Flat = """
        {"ts":"2026-11-21T10:02:20Z","actor":"user:j@acme.com","action":"invoke","artifact":"@scope/pkg@1.2.3","policy":"base@3","target":"prod","mode":"adaptive",
        "trace":"c-1","result":"denied","reason":"no"}
        """;

    [Fact]
    public void ItIsUnderstood()
    {
        JsonNode got = Json(Read(Flat));
        Assert.Equal("""{"id":"j@acme.com","type":"user"}""", got["actor"]!.ToJsonString());
        Assert.Equal("""{"name":"@scope/pkg","version":"1.2.3"}""", got["artifact"]!.ToJsonString());
        Assert.Equal("""{"id":"base@3"}""", got["policy"]!.ToJsonString());
        Assert.Equal("""{"correlation":"c-1"}""", got["trace"]!.ToJsonString());
        Assert.Equal("invoke", (string)got["action"]!);
        Assert.Equal("j@acme.com", Read(Flat).Actor.Human);
    }

    [Theory]
    [InlineData("actor", "bot")]
    [InlineData("actor", "service:bot")]
    [InlineData("actor", "agent:a:b")]
    [InlineData("actor", "robot:x")]
    [InlineData("actor", "user:")]
    [InlineData("actor", ":x")]
    [InlineData("artifact", "name")]
    [InlineData("artifact", "name@")]
    [InlineData("artifact", "@name")]
    [InlineData("artifact", "a@b@c")]
    [InlineData("policy", "p@7")]
    [InlineData("trace", "0af7651916cd43dd8448eb211c80319c")]
    [InlineData("target", "t")]
    [InlineData("mode", "fixed")]
    [InlineData("action", "read")]
    public void TheSameTextComesBack(string field, string text)
    {
        JsonNode sent = JsonNode.Parse(Flat)!;
        sent[field] = text;
        Assert.Equal(text, (string?)Json(Read(sent.ToJsonString()), flat: true)[field]);
    }

    [Theory]
    [InlineData("bot", "bot", "service")]
    [InlineData("service:bot", "bot", "service")]
    [InlineData("key:k1", "k1", "key")]
    [InlineData("robot:x", "robot:x", "service")]
    public void WithoutAKnownPrefixAnActorIsAService(string text, string id, string type)
    {
        JsonNode actor = Json(Read($$"""{"actor":"{{text}}","action":"x","result":"info"}"""))["actor"]!;
        Assert.Equal((id, type), ((string)actor["id"]!, (string)actor["type"]!));
    }

    [Fact]
    public void FormsMayBeMixed()
    {
        JsonNode got = Json(Read("""{"actor":{"id":"a","type":"agent"},"action":"x.y","trace":"c","policy":{"id":"p","version":2},"artifact":"n@1","result":"info"}"""), flat: true);
        Assert.Equal(("agent:a", "c", "p@2", "n@1"), ((string)got["actor"]!, (string)got["trace"]!, (string)got["policy"]!, (string)got["artifact"]!));
    }
}
