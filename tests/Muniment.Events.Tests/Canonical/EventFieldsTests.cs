using System.Text;
using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;
using static Muniment.Events.Tests.Canonical.Reading;

namespace Muniment.Events.Tests.Canonical;

public sealed class EventFieldsTests
{
    private static FieldValue Get(CanonicalEvent e, string name)
    {
        Assert.True(EventFields.TryResolve(name, out EventField? field), name);
        return field.Read(e);
    }

    [Fact]
    public void EveryScalarOfTheJsonIsAFieldOfTheSameNameAndValue()
    {
        CanonicalEvent e = Read("""
            {"id":"i","actor":{"id":"u","type":"user","user":"h"},"agent":{"kind":"k","version":"v","surface":"cli","instance":"n"},"action":"a.b",
            "artifact":{"kind":"k","name":"n","version":"v","digest":"sha256:1"},"policy":{"id":"p","version":2,"digest":"sha256:1","rule":"r"},"target":"t","mode":"fixed",
            "trace":{"trace_id":"0af7651916cd43dd8448eb211c80319c","span_id":"b7ad6b7169203331","session":"s","turn":"t","correlation":"c","request":"q"},
            "result":"denied","reason":"why","risk":"low","resource":{"workspace":"w","project":"p","team":"t","environment":"e","repo":"r","ticket":"k","incident":"i"},
            "approval":{"by":"b","at":"2026-11-21T10:02:20Z","source":"user","request":"r"},"client":{"address":"a","place":"p"},"model":{"provider":"p","requested":"r","served":"s"},
            "usage":{"input":1,"cache_read":2,"cache_write":3,"output":4,"reasoning":5,"cost":{"amount":"0.10","unit":"USD","source":"computed"}},
            "tool":{"name":"n","namespace":"mcp","server":"s","call":"c","command":"x","duration_ms":2.5,"success":false,"exit_code":3},
            "change":{"files":1,"added":2,"removed":3,"commits":4,"prs":5,"tests":6,"incidents":7}}
            """, Plain with { Address = "ad", Dialect = "di", Imported = true });
        int leaves = 0;
        foreach ((string name, string text) in Leaves(Json(e), ""))
        {
            Assert.Equal(text, Get(e, name).AsText());
            leaves++;
        }

        Assert.Equal(leaves, EventFields.Known.Count(f => f.Type != FieldType.Any && Get(e, f.Name).Kind != FieldKind.Many));
    }

    private static IEnumerable<(string, string)> Leaves(JsonNode node, string prefix)
    {
        foreach ((string name, JsonNode? value) in node.AsObject())
        {
            if (value is JsonObject)
            {
                foreach ((string, string) leaf in Leaves(value, $"{prefix}{name}."))
                {
                    yield return leaf;
                }
            }
            else if (value is JsonValue)
            {
                yield return (prefix + name, value.ToString());
            }
        }
    }

    [Theory]
    [InlineData("actors")]
    [InlineData("actor.name")]
    [InlineData("details.")]
    [InlineData("tool")]
    [InlineData("Result")]
    [InlineData("")]
    public void OtherNamesAreNoFields(string name) => Assert.False(EventFields.TryResolve(name, out _));

    [Theory]
    [InlineData("a", "1")]
    [InlineData("b.c", "x")]
    [InlineData("d.e.f", "dotted")]
    [InlineData("g.h", "true")]
    [InlineData("n", "10000000000000000000000")]
    [InlineData("none", null)]
    [InlineData("b.c.d", null)]
    [InlineData("nul", null)]
    public void DetailsAreFoundByPath(string path, string? text) => Assert.Equal(text, DetailPath.Find(
        Encoding.UTF8.GetBytes("""{"a":1,"b":{"c":"x"},"d.e":{"f":"dotted"},"g":{"\u0068":true},"n":10000000000000000000000,"nul":null}"""), path).AsText());

    [Fact]
    public void APathThroughArraysGivesAllValues()
    {
        FieldValue many = DetailPath.Find(Encoding.UTF8.GetBytes("""{"l":[{"k":1},{"k":"b"},{"x":2},[{"k":3}]],"e":[],"s":["q"]}"""), "l.k");
        Assert.Equal(["1", "b", "3"], many.Many!.Select(v => v.AsText()));
        Assert.Empty(DetailPath.Find(Encoding.UTF8.GetBytes("""{"e":[]}"""), "e").Many!);
        Assert.Equal("q", Assert.Single(DetailPath.Find(Encoding.UTF8.GetBytes("""{"s":["q"]}"""), "s").Many!).Text);
        Assert.Equal(FieldKind.Missing, DetailPath.Find(default, "x").Kind);
    }
}
