using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Blocks.Sealed;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Events.Terms;
using Muniment.Journal.Sealing;
using Muniment.TestData;

namespace Muniment.Journal.Tests.Sealing;

public class WordHashesTests
{
    [Fact]
    public void The_hashes_are_those_of_the_words_that_q_looks_in()
    {
        TenantKeys keys = new(TestJournal.Acme, 1, new byte[32]);
        WordHashes collector = new();
        Prop.ForAll<string[]>(texts =>
        {
            StoredEvent[] events = [.. texts.Select((text, i) => Event(i, text ?? ""))];
            Expected expected = new(new TermHasher(keys), []);
            foreach (StoredEvent stored in events)
            {
                EventWords.Collect(EventReader.Read(stored, TestJournal.Acme), ref expected);
            }

            Assert.Superset(expected.Hashes, new HashSet<ulong>(collector.Collect(TestJournal.Acme, keys, events)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Fact]
    public void Log_records_lose_no_word_on_the_short_way()
    {
        TenantKeys keys = new(TestJournal.Acme, 1, new byte[32]);
        EventGenerator generator = new(5);
        List<byte[]> records = [.. Enumerable.Range(0, 2000).Select(_ => generator.LogRecord()), .. Odd()];
        StoredEvent[] events = [.. records.Select((record, i) => new StoredEvent(
            i, 1_790_000_100_000_000_000, EntryKind.Log, """{"receiver":"otlp_http","stream":"activity","user":"bound@acme.com"}"""u8.ToArray(), EventGenerator.Resource(), EventGenerator.Scope(), record))];
        Expected expected = new(new TermHasher(keys), []);
        foreach (StoredEvent stored in events)
        {
            EventWords.Collect(EventReader.Read(stored, TestJournal.Acme), ref expected);
        }

        HashSet<ulong> found = [.. new WordHashes().Collect(TestJournal.Acme, keys, events)];

        Assert.Superset(expected.Hashes, found);
        Assert.InRange(found.Count, expected.Hashes.Count, expected.Hashes.Count + (expected.Hashes.Count / 50) + 10);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(37)]
    [InlineData(4096)]
    public void No_word_is_lost_by_looking_in_columns(int seed)
    {
        TenantKeys keys = new(TestJournal.Acme, 1, new byte[32]);
        EventGenerator generator = new(seed);
        Random random = new(seed);
        List<byte[]> records = [.. Enumerable.Range(0, 3500).Select(_ => generator.LogRecord()), .. Odd(), .. Reals(random), .. Texts(random)];
        byte[][] odd = [.. Odd()];
        foreach (int _ in Enumerable.Range(0, 200))
        {
            records.Insert(random.Next(records.Count), odd[random.Next(odd.Length)]);
        }

        StoredEvent[] events = [.. records.Take(4096).Select((record, i) => new StoredEvent(
            i, 1_790_000_100_000_000_000 + i, i % 97 == 96 ? EntryKind.Span : EntryKind.Log, Encoding.UTF8.GetBytes($$"""{"receiver":"otlp_http","stream":"activity","user":"bound{{i / 500}}@acme.com"}"""),
            EventGenerator.Resource(), i % 3 == 0 ? default : EventGenerator.Scope(), record))];
        using SealedBlockEncoder encoder = new();
        encoder.Encode([events[0]], [new NonceRange(1, default, 0, 1)], 0, 1, keys);
        encoder.Encode(events, [new NonceRange(1, default, 0, events.Length)], 0, 1, keys);
        Expected expected = new(new TermHasher(keys), []);
        foreach (StoredEvent stored in events)
        {
            EventWords.Collect(EventReader.Read(stored, TestJournal.Acme), ref expected);
        }

        WordHashes collector = new();
        collector.Collect(TestJournal.Acme, keys, events.AsSpan(0, 10));
        HashSet<ulong> found = [.. collector.Collect(TestJournal.Acme, keys, events, encoder.Values)];

        Assert.Superset(expected.Hashes, found);
        Assert.InRange(found.Count, expected.Hashes.Count, expected.Hashes.Count + (expected.Hashes.Count / 50) + 10);
        Assert.InRange(Enumerable.Range(0, events.Length).Count(i => encoder.Values.IsCovered(i)), 3000, 4096);
    }

    [Fact]
    public void Most_records_are_not_read_again()
    {
        EventGenerator generator = new(3);
        byte[] resource = EventGenerator.Resource(), scope = EventGenerator.Scope();
        StoredEvent[] events = [.. Enumerable.Range(0, 1000).Select(i => new StoredEvent(i, 1_790_000_100_000_000_000, EntryKind.Log, """{"receiver":"otlp_http"}"""u8.ToArray(), resource, scope, generator.LogRecord()))];
        TenantKeys keys = new(TestJournal.Acme, 1, new byte[32]);
        using SealedBlockEncoder encoder = new();
        encoder.Encode(events, [new NonceRange(1, default, 0, events.Length)], 0, 1, keys);
        new WordHashes().Collect(TestJournal.Acme, keys, events, encoder.Values);
        Assert.Equal(999, Enumerable.Range(0, events.Length).Count(i => encoder.Values.IsCovered(i)));
    }

    private static IEnumerable<byte[]> Reals(Random random)
    {
        for (int i = 0; i < 300; i++)
        {
            double real = Math.Round((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 14)), random.Next(0, 9)) * (i % 7 == 0 ? random.NextDouble() : 1);
            yield return Record(w => w.Attribute(6, "seconds", real));
        }
    }

    private static IEnumerable<byte[]> Texts(Random random)
    {
        const string characters = "aZ09_-. /ÄKéİß@[`{:/~";
        for (int i = 0; i < 150; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(0, 200)).Select(_ => characters[random.Next(i % 2 == 0 ? 10 : characters.Length)]));
            yield return Record(w => w.Message(5, body => body.Text(1, text + new string('q', i))));
        }
    }

    private static IEnumerable<byte[]> Odd()
    {
        const long time = 1_790_000_000_000_000_000;
        foreach (double real in (double[])[0, -0.5, 1e-7, 1.5e300, 123456789.125, double.NaN, double.PositiveInfinity, 1e21])
        {
            yield return Record(w => w.Attribute(6, "tool.seconds", real));
            yield return Record(w => w.Attribute(6, "gen_ai.tool.name", real));
        }

        yield return Record(w => w.Attribute(6, "n", -42L));
        yield return Record(w => w.Attribute(6, "dup", "first Wörter"));
        yield return Record(w => w.Message(5, body => body.Message(6, list => list.Message(1, pair => { pair.Text(1, "k"); pair.Message(2, v => v.Text(1, "Tief GESCHACHTELT")); }))));
        yield return Record(w => w.Message(5, body => body.Message(5, list => { list.Message(1, v => v.Text(1, "erstes")); list.Message(1, v => v.Varint(3, 77)); })));
        yield return Record(w => w.Message(5, body => body.Bytes(7, new byte[] { 1, 2, 3, 250 })));
        yield return Record(w => w.Bytes(9, new byte[] { 1, 2, 3 }));
        yield return Record(w => w.Bytes(9, new byte[16]));
        yield return Record(w => w.Text(12, "event src/main.rs:12"));
        yield return Record(w => w.Text(99, "unknown field"));
        yield return Record(w => w.Message(6, pair => { pair.Text(1, "gen_ai.tool.name"); pair.Message(2, v => v.Varint(2, 1)); }));
        yield return new Func<byte[]>(() => { ProtoWriter w = new(); w.Fixed64(1, (ulong)time + (400UL * 86_400_000_000_000)); w.Text(3, "FUTURE"); return w.ToArray(); })();
        yield return new Func<byte[]>(() => { ProtoWriter w = new(); w.Fixed64(11, (ulong)time); w.Attribute(6, "event.timestamp", "2031-01-01T00:00:00Z"); return w.ToArray(); })();
    }

    private static byte[] Record(Action<ProtoWriter> write)
    {
        ProtoWriter writer = new();
        writer.Fixed64(1, 1_790_000_000_000_000_000);
        write(writer);
        return writer.ToArray();
    }

    private static StoredEvent Event(int seq, string text) => new(
        seq, TestSegments.Start, EntryKind.Event, """{"receiver":"events","stream":"activity"}"""u8.ToArray(), default, default,
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new
        {
            actor = new { id = "a", type = "agent" },
            action = "tool.execute",
            result = "success",
            target = text + "ÄÖ",
            tool = new { name = "Bash", command = "ls " + text },
            model = new { requested = "GPT-5" },
            artifact = new { name = "n" + text, version = "1.2" },
            extra = new { text, number = 12.5, list = new[] { text, "GRÜSSE \"quoted\"", new string('x', 200) } },
        }));

    private readonly struct Expected(TermHasher hasher, HashSet<ulong> hashes) : IWordSink
    {
        public HashSet<ulong> Hashes => hashes;

        public void Add(scoped ReadOnlySpan<char> word) => hashes.Add(hasher.HashWord(Encoding.UTF8.GetBytes(word.ToString())));
    }
}
