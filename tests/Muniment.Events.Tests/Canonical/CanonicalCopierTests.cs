using System.Buffers;
using System.Text;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Copying;
using Muniment.Events.Canonical.Writing;
using Muniment.TestData;
using static Muniment.Events.Tests.Canonical.Reading;

namespace Muniment.Events.Tests.Canonical;

public sealed class CanonicalCopierTests
{
    private static readonly Envelope[] Envelopes =
    [
        Plain,
        new() { Receiver = "hec", Address = "10.0.0.1", Dialect = "x", Mapper = 2, Verified = ["user", "project"], User = "v1", Project = "pr" },
        new() { Receiver = "events", User = "J\"örg", Set = new Dictionary<string, string> { ["team"] = "é\n", ["project"] = "p" } },
        new() { Receiver = "events", Stream = "alert", Imported = true },
        new() { Receiver = "events", IdConflict = true },
        new() { Receiver = "events", Cut = new Dictionary<string, int> { ["a"] = 1 } },
        new() { Receiver = "platform", Stream = "admin" },
    ];

    [Fact]
    public void ACopyHasTheBytesOfTheEventThatIsReadAndWritten()
    {
        CanonicalCopier copier = new(Tenant);
        EventReader reader = new(Tenant);
        int copied = 0, read = 0;
        for (int seed = 0; seed < 10_000; seed++)
        {
            Random random = new(seed);
            string json = random.Next(3) == 0 ? AnyJson.Event(random) : Usual(random);
            if (!Parse(json, SenderKind.Import).IsOk)
            {
                continue; // the door lets none of these in
            }

            StoredEvent stored = Stored(json, Envelopes[random.Next(3) == 0 ? random.Next(Envelopes.Length) : random.Next(3)], random.Next(1_000_000));
            if (Check(copier, reader, stored))
            {
                copied++;
            }
            else
            {
                read++;
            }
        }

        Assert.True(copied > 1500 && read > 1500, $"{copied} copied, {read} read");
    }

    [Fact]
    public void TheUsualEventIsCopied()
    {
        CanonicalCopier copier = new(Tenant);
        EventReader reader = new(Tenant);
        EventGenerator generator = new();
        int copied = Enumerable.Range(0, 500).Count(i => Check(copier, reader, Stored(Encoding.UTF8.GetString(generator.JsonEvent()), Plain, i)));
        Assert.Equal(500, copied);
    }

    [Theory]
    [InlineData("""{"actor":"user:j@x.y","action":"a","result":"info","trace":"c","policy":"p","artifact":"n@v@2","note":"a\"b\\ é","list":[{"a":"]}"},1.50e3]}""", true)]
    [InlineData("""{"actor":{"id":"j","type":"agent","user":""},"action":"a","result":"info","details":{"a":{"claimed":1} , "b":"\u00e9"}}""", true)]
    [InlineData("""{"id":"my id","ts":"2026-11-21T10:00:00+01:00","actor":{"type":"user","id":"j"},"action":"a","result":"info","artifact":"@x"}""", true)]
    [InlineData("""{"actor":{"id":"j"},"action":"a","result":"info","tool":{"duration_ms":15,"exit_code":0,"success":false},"usage":{"input":999999999999999}}""", true)]
    [InlineData("""{"actor":{"id":"j"},"action":"a","result":"info","tool":{"duration_ms":1234.56789}}""", true)]
    [InlineData("""{"actor":{"id":"j"},"action":"a","result":"info","tool":{"duration_ms":0.0001}}""", true)]
    [InlineData("""{"actor":{"id":"j"},"action":"a","result":"info","tool":{"duration_ms":0.00001}}""", false)]
    [InlineData("""{"actor":{"id":"j"},"action":"a","result":"info","tool":{"duration_ms":1.0}}""", false)]
    [InlineData("""{"actor":{"id":"j"},"action":"a","result":"info","tool":{"duration_ms":1e3}}""", false)]
    [InlineData("""{"actor":{"id":"j"},"action":"a","result":"info","tool":{"exit_code":-1}}""", false)]
    [InlineData("""{"actor":{"id":"j"},"action":"a","result":"info","details":{"a":1},"b":2}""", false)]
    [InlineData("""{"actor":{"id":"j"},"action":"a","result":"info","details":{"claimed":1}}""", false)]
    [InlineData("""{"actor":{"id":"j"},"action":"a\u0041","result":"info"}""", false)]
    [InlineData("""{"actor":{"id":"jé"},"action":"a","result":"info"}""", false)]
    [InlineData("""{"actor":{"id":"j"},"action":"a","result":"info","seq":4}""", false)]
    [InlineData("""{"actor":{"id":"j"},"action":"a","result":"info","ts":"2031-01-01T00:00:00Z"}""", false)]
    [InlineData("""{"actor":{"id":"j"},"action":"a","result":"info","trace":{"span_id":"B7AD6B7169203331"}}""", false)]
    [InlineData("""{"actor":{"id":"j"},"action":"a","result":"info","approval":{"by":"b"}}""", false)]
    [InlineData("""{"actor":"bot","action":"a","result":"info"}""", false)]
    public void WhatTakesMoreThanCopyingIsRead(string json, bool copies) =>
        Assert.Equal(copies, Check(new CanonicalCopier(Tenant), new EventReader(Tenant), Stored(json, Plain, 7)));

    [Fact]
    public void ATextThatIsCutAnywhereIsNotCopied()
    {
        CanonicalCopier copier = new(Tenant);
        byte[] whole = Encoding.UTF8.GetBytes("""{"actor":{"id":"j","type":"user"},"action":"a","result":"info","tool":{"duration_ms":15},"details":{"a":["\""]}}""");
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.False(copier.TryTake(Stored(Encoding.UTF8.GetString(whole, 0, length), Plain, 7)));
        }
    }

    [Fact]
    public void MemoryThatIsUsedAgainForAnotherEnvelopeIsSeen()
    {
        CanonicalCopier copier = new(Tenant);
        EventReader reader = new(Tenant);
        const string Json = """{"actor":{"id":"j","type":"user"},"action":"a","result":"info"}""";
        byte[] memory = EnvelopeCodec.Write(new Envelope { Receiver = "events", Project = "first" });
        byte[] other = EnvelopeCodec.Write(new Envelope { Receiver = "events", Project = "other" });
        Assert.Equal(memory.Length, other.Length);
        StoredEvent stored = Stored(Json, Plain, 7) with { Envelope = memory };
        Assert.True(Check(copier, reader, stored));
        other.CopyTo(memory, 0); // the block was given back, and the next one lies where it lay
        Assert.True(Check(copier, reader, stored));
        Assert.Equal("other", reader.Read(stored).Resource!.Project);
    }

    /// <summary>Members in any order, values that are mostly plain.</summary>
    private static string Usual(Random random)
    {
        List<string> members = [];
        Add("actor", 40, Pick("\"user:v1\"", "\"key:k:2\"", Part("id", "type:user", "user"), Part("type:agent", "id")));
        Add("action", 40, Text());
        Add("result", 40, Pick("\"info\"", "\"denied\""));
        Add("id", 4, Text());
        Add("ts", 2, Pick("\"2026-11-21T10:00:00.5Z\"", "\"2026-11-21t10:00:00+01:00\""));
        Add("target", 2, Text());
        Add("reason", 4, Text());
        Add("mode", 4, "\"fixed\"");
        Add("risk", 4, "\"low\"");
        Add("stream", 6, "\"activity\"");
        Add("artifact", 3, Pick(Text(), Part("version", "name", "kind")));
        Add("policy", 3, Pick(Text(), Part("id", "version=3", "rule")));
        Add("trace", 3, Pick(Text(), Part("session", "turn", "correlation", "request", "trace_id:0af7651916cd43dd8448eb211c80319c", "span_id:b7ad6b7169203331")));
        Add("agent", 3, Part("version", "kind", "surface:ci", "instance"));
        Add("resource", 6, Part("repo", "workspace", "project", "ticket"));
        Add("client", 4, Part("place", "address"));
        Add("model", 4, Part("served", "requested", "provider"));
        Add("usage", 4, Part("output=2", "input=1", "reasoning=0", "cache_read=123456"));
        Add("tool", 4, Part("name", "namespace:mcp", $"duration_ms={random.Next(100_000) / 1000m}", "success=true", "exit_code=1", "command", "server", "call"));
        Add("change", 4, Part("files=1", "prs=2", "added=3", "incidents=0"));
        if (random.Next(3) == 0)
        {
            Add("details", 3, Pick("{}", "{ }", "{\"x\":1.10,\"y\":{\"claimed\":[1, 2]}}", "{\"é\" : \"\\u00e9\\n\"}"));
        }
        else
        {
            Add("note", 2, Pick(Text(), "1e5", "null", "[{\"a\":\"]\\\"}\"}, 2]", "{}"));
            Add("number", 2, "17");
        }

        string[] order = [.. members];
        random.Shuffle(order);
        return "{" + string.Join(Pick(",", " , "), order) + "}";

        string Pick(params string[] values) => values[random.Next(values.Length)];
        string Text() => random.Next(25) == 0 ? Pick("\"a\\tb\"", "\"é\"", "null", "\"\"") : $"\"v{random.Next(4)} @<&{random.Next(9)}\"";
        void Add(string name, int rarity, string value)
        {
            if (rarity >= 40 || random.Next(rarity) == 0)
            {
                members.Add($"\"{name}\":{Pick("", " ")}{value}");
            }
        }

        string Part(params string[] names)
        {
            string[] order = [.. names.Where(n => n == "id" || random.Next(3) > 0)];
            random.Shuffle(order);
            return "{" + string.Join(',', order.Select(n => n.Split(':', '=') is [string name, string value] ? $"\"{name}\":{(n.Contains('=') ? value : $"\"{value}\"")}" : $"\"{n}\":{Text()}")) + "}";
        }
    }

    private static StoredEvent Stored(string json, Envelope envelope, long seq) =>
        new(seq, ReceivedNs + seq, EntryKind.Event, EnvelopeCodec.Write(envelope), default, default, Encoding.UTF8.GetBytes(json));

    private static bool Check(CanonicalCopier copier, EventReader reader, in StoredEvent stored)
    {
        if (!copier.TryTake(stored))
        {
            return false;
        }

        CanonicalEvent read = reader.Read(stored);
        ArrayBufferWriter<byte> wanted = new();
        CanonicalJsonWriter.Write(read, wanted);
        byte[] room = new byte[copier.MaxSizeBytes];
        int length = copier.Write(room);
        Assert.Equal(Encoding.UTF8.GetString(wanted.WrittenSpan), Encoding.UTF8.GetString(room, 0, length));
        Assert.Equal((read.Id, read.TimeNs, read.Stream), (copier.Id, copier.TimeNs, copier.Stream));
        return true;
    }
}
