using System.Text;
using Muniment.Events.Blocks;
using Muniment.Events.Blocks.Sealed;
using Muniment.Events.Canonical;
using Muniment.Events.Terms;
using Muniment.TestData;

namespace Muniment.Events.Tests.Blocks.Sealed;

/// <summary>A block decoded with needles gives the events that have one, and each as the whole block gives it.</summary>
public sealed class NeedleTests
{
    private static readonly byte[] _envelope = """{"receiver":"otlp","key":"key-1"}"""u8.ToArray();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void GeneratedEventsAreTheOnesThatHaveTheNeedle(int seed)
    {
        var generator = new EventGenerator(seed);
        var random = new Random(seed);
        StoredEvent[] events = [.. Enumerable.Range(0, 1500).Select(i => i % 3 == 0 ? Event(i, generator.JsonEvent()) : Otlp(i, EntryKind.Log, generator.LogRecord()))];
        byte[] payload = Seal(events);
        string[] words = [.. Enumerable.Range(0, 40).SelectMany(_ => Words(events[random.Next(events.Length)]))];
        foreach (string word in words.Concat(["nowhere-at-all", "production", "muniment.generator", "key-1", "claude-code", "correlation"]))
        {
            Check(payload, new RowNeedles([Encoding.ASCII.GetBytes(word)], NeedleForm.Part));
        }

        Check(payload, new RowNeedles([.. words.Take(5).Select(Encoding.ASCII.GetBytes)], NeedleForm.Part));
    }

    [Fact]
    public void BinaryNeedlesLeaveOnlyLogsAndSpansOut()
    {
        var generator = new EventGenerator(9);
        StoredEvent[] events = [.. Enumerable.Range(0, 600).Select(i => i % 5 == 0 ? Event(i, generator.JsonEvent()) : Otlp(i, i % 5 == 1 ? EntryKind.Metric : EntryKind.Log, generator.LogRecord()))];
        byte[] payload = Seal(events);
        foreach (StoredEvent e in events.Where(e => e.Kind == EntryKind.Log).Take(20))
        {
            int at = e.Record.Span.IndexOf((ReadOnlySpan<byte>)[0x4a, 16]) + 2;
            Check(payload, new RowNeedles([e.Record.Slice(at, 16).ToArray()], NeedleForm.Binary));
        }
    }

    [Fact]
    public void RandomOtlpRecordsAreFoundByAnyOfTheirValues()
    {
        for (int seed = 0; seed < 25; seed++)
        {
            var random = new Random(seed);
            StoredEvent[] events = [.. Enumerable.Range(0, 120).Select(i =>
            {
                var kind = (EntryKind)random.Next(2, 5);
                return Otlp(i, kind, RandomProto.Record(random, kind));
            })];
            byte[] payload = Seal(events);
            foreach (string word in events.Where((_, i) => i % 12 == 0).SelectMany(Words).Take(30))
            {
                Check(payload, new RowNeedles([Encoding.ASCII.GetBytes(word)], NeedleForm.Part));
            }
        }
    }

    [Fact]
    public void EscapesWholeRecordsNumbersAndKeysAreNeverMissed()
    {
        StoredEvent[] events =
        [
            .. Enumerable.Range(0, 40).Select(i => Event(i, Encoding.UTF8.GetBytes(
                (i % 8) switch
                {
                    0 => $$"""{"correlation":"c-{{i}}","n":{{i}}.5,"id":"0f8fad5b-d9cb-469f-a165-7086772895{{i}}"}""",
                    1 => $$"""{"correlation":"c\u002d{{i}}"}""",
                    2 => $$"""{"c-{{i}}":"a key"}""",
                    3 => $$"""{"correlation":"","other":"xx c-{{i}} yy"}""",
                    4 => $$"""{"ts":"2026-11-21T10:00:{{i}}Z","correlation":"2026-11-21T10:00:{{i}}Z","digits":"{{i}}12345"}""",
                    5 => $$"""{"a\"b":"c-{{i}}","hex":"deadbeef{{i}}"}""",
                    6 => $$"""{"open":"c-{{i}}""",
                    _ => "c-" + i,
                }))),
        ];
        byte[] payload = Seal(events);
        string[] needles = ["c-0", "c-3", "c-8", "c-11", "c-22", "c-23", "c-", "a key", "xx c-3 yy", "2026-11-21T10:00:12Z", "10:00", "12345", "1612345", "8.5", "deadbeef21", "beef", "0f8fad5b-d9cb", "708677289516", "yy", "other"];
        foreach (string needle in needles)
        {
            Check(payload, new RowNeedles([Encoding.ASCII.GetBytes(needle)], NeedleForm.Part));
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void WholeValuesOfEventsAreFoundInEveryWriting(int seed)
    {
        var generator = new EventGenerator(seed);
        StoredEvent[] events =
        [
            .. Enumerable.Range(0, 2000).Select(i => i % 4 == 0 ? Event(i, generator.JsonEvent()) : Otlp(i, EntryKind.Log, generator.LogRecord())),
            Event(2000, """{"actor":"user:jo","action":"a.b","result":"info","trace":{"correlation":"c\u002d1/x"}}"""u8.ToArray()),
            Event(2001, """{"actor":"user:jo","action":"a.b","result":"info","trace":{"correlation":"c-1\/x"}}"""u8.ToArray()),
            Event(2002, """{"actor":"user:jo","action":"a.b","result":"info","trace":"c-1/x"}"""u8.ToArray()),
            Event(2003, """{"actor":"user:jo","action":"a.b","result":"info","trace":{"correlation":"c-1/x"},}"""u8.ToArray()),
        ];
        byte[] payload = Seal(events);
        var reader = new EventReader(TenantId.Default);
        (StoredEvent Stored, string? Correlation, string? Session)[] read = [.. events.Select(e => (e, reader.Read(e).Trace?.Correlation, reader.Read(e).Trace?.Session))];
        var random = new Random(seed);
        string[] values = [.. Enumerable.Range(0, 40).SelectMany(_ => { var one = read[random.Next(2000)]; return new[] { one.Correlation, one.Session }; }).OfType<string>(), "c-1/x", "production", "nowhere"];
        foreach (string value in values)
        {
            long[] expected = [.. read.Where(e => e.Correlation == value || e.Session == value).Select(e => e.Stored.Seq)];
            IReadOnlyList<StoredEvent> got = Same(payload, events, new RowNeedles([Encoding.ASCII.GetBytes(value)], NeedleForm.Whole));
            Assert.Empty(expected.Except(got.Select(e => e.Seq)));
        }

        Assert.Equal(2, read.Count(e => e.Correlation == "c-1/x" && e.Stored.Seq is 2050 or 2051));
    }

    [Fact]
    public void WordsAreFoundInLettersOfAnyCase()
    {
        var generator = new EventGenerator(8);
        StoredEvent[] events =
        [
            .. Enumerable.Range(0, 1500).Select(i => i % 4 == 0 ? Event(i, generator.JsonEvent()) : Otlp(i, EntryKind.Log, generator.LogRecord())),
            Event(1500, """{"actor":"user:jo","action":"a.b","result":"info","target":"the ZYZZYVA, at 2026-11-21T10:00:00Z"}"""u8.ToArray()),
            Event(1501, """{"actor":"user:jo","action":"a.b","result":"info","target":"zyzz\u0079va"}"""u8.ToArray()),
        ];
        byte[] payload = Seal(events);
        var reader = new EventReader(TenantId.Default);
        HashSet<string>[] words = [.. events.Select(e => Words(reader.Read(e)))];
        int looked = 0;
        foreach (string word in words.Where((_, i) => i % 50 == 0).SelectMany(w => w).Concat(words[1500]).Append("nowhereatall").Distinct())
        {
            if (WordNeedles.For(word) is { } needles)
            {
                IReadOnlyList<StoredEvent> got = Same(payload, events, needles);
                Assert.Empty(events.Where((_, i) => words[i].Contains(word)).Select(e => e.Seq).Except(got.Select(e => e.Seq)));
                looked++;
            }
        }

        Assert.True(looked > 100, $"only {looked} words could be looked for");
        Assert.Equal([1550L, 1551L], Same(payload, events, WordNeedles.For("zyzzyva")!).Select(e => e.Seq));
    }

    [Fact]
    public void RowsComeInAnyOrderAndOnlyFromTheRangeAskedFor()
    {
        var generator = new EventGenerator(12);
        StoredEvent[] events = [.. Enumerable.Range(0, 3000).Select(i => i % 3 == 0 ? Event(i, generator.JsonEvent()) : Otlp(i, EntryKind.Log, generator.LogRecord()))];
        byte[] payload = Seal(events);
        using var decoder = new SealedBlockDecoder();
        IReadOnlyList<StoredEvent> rows = decoder.Select(payload, TenantId.Default, new FixedKeyring(), 50, new RowNeedles(["claude"u8.ToArray()], NeedleForm.Folded), 150, 2050);
        Assert.True(rows.Count > 50);
        Assert.All(rows, e => Assert.InRange(e.Seq, 150, 2049));
        var random = new Random(1);
        foreach (int i in Enumerable.Range(0, 300).Select(_ => random.Next(rows.Count)).Concat(Enumerable.Range(0, rows.Count).Reverse()))
        {
            StoredEvent e = rows[i];
            Assert.True(events[(int)(e.Seq - 50)].Record.Span.SequenceEqual(e.Record.Span));
        }

        Assert.Empty(decoder.Select(payload, TenantId.Default, new FixedKeyring(), 50, new RowNeedles(["claude"u8.ToArray()], NeedleForm.Folded), 90, 90));
    }

    [Fact]
    public void ALargeRecordIsPutTogether()
    {
        byte[] large = Encoding.UTF8.GetBytes($$"""{"text":"{{new string('x', 300_000)}} needle-in-hay"}""");
        StoredEvent[] events = [.. Enumerable.Range(0, 30).Select(i => Event(i, i == 17 ? large : Encoding.UTF8.GetBytes($$"""{"text":"{{new string('y', 5000 + i)}}"}""")))];
        IReadOnlyList<StoredEvent> got = Same(Seal(events), events, new RowNeedles(["needle-in-hay"u8.ToArray()], NeedleForm.Part));
        Assert.Equal(67, Assert.Single(got).Seq);
    }

    [Fact]
    public void DamageNeverGivesAWrongAnswer()
    {
        var generator = new EventGenerator(5);
        StoredEvent[] events = [.. Enumerable.Range(0, 5).Select(i => Otlp(i, EntryKind.Log, generator.LogRecord()))];
        byte[] payload = Seal(events);
        using var decoder = new SealedBlockDecoder();
        // Every byte of the head and of the end, and of what lies between every ninth, another for each needle: a bit of each frame, and most of the fields that lead to others.
        const int Whole = 160, Step = 9;
        int offset = 0;
        foreach (RowNeedles needles in (RowNeedles[])[new(["nowhere-at-all"u8.ToArray()], NeedleForm.Part), new(["muniment.generator"u8.ToArray()], NeedleForm.Part), new(["claude-code"u8.ToArray()], NeedleForm.Whole)])
        {
            long[] expected = [.. Same(payload, events, needles).Select(e => e.Seq)];
            offset += Step / 3;
            foreach (int i in Enumerable.Range(0, payload.Length).Where(i => i < Whole || i >= payload.Length - Whole || i % Step == offset % Step))
            {
                byte[] damaged = [.. payload];
                damaged[i] ^= 0x40;
                try
                {
                    Assert.Equal(expected, Same(damaged, events, needles).Select(e => e.Seq));
                }
                catch (JournalCorruptException)
                {
                }

                Assert.Throws<JournalCorruptException>(() => decoder.Select(payload.AsMemory(0, i), TenantId.Default, new FixedKeyring(), 50, needles, 0, long.MaxValue));
            }
        }
    }

    [Fact]
    public void NoNeedleOrAnEmptyOneIsRefused()
    {
        Assert.Throws<ArgumentException>(() => new RowNeedles([], NeedleForm.Part));
        Assert.Throws<ArgumentException>(() => new RowNeedles(["a"u8.ToArray(), []], NeedleForm.Part));
    }

    private static void Check(byte[] payload, RowNeedles needles)
    {
        DecodedBlock whole = new SealedBlockDecoder().Decode(payload, TenantId.Default, new FixedKeyring(), 50);
        IReadOnlyList<StoredEvent> some = Same(payload, whole.Events, needles);
        long[] expected = [.. whole.Events.Where(e => needles.MayBeIn(e)).Select(e => e.Seq)];
        long[] got = [.. some.Where(e => needles.MayBeIn(e)).Select(e => e.Seq)];
        Assert.True(expected.SequenceEqual(got), $"'{Encoding.Latin1.GetString(needles.AnyOf[0])}': expected seqs {string.Join(' ', expected.Except(got))} too");
    }

    /// <summary>The selected events, each checked to be as it went in.</summary>
    private static IReadOnlyList<StoredEvent> Same(byte[] payload, IReadOnlyList<StoredEvent> events, RowNeedles needles)
    {
        StoredEvent[] some = [.. new SealedBlockDecoder().Select(payload, TenantId.Default, new FixedKeyring(), 50, needles, 0, long.MaxValue)];
        Assert.Equal(some.Select(e => e.Seq).Order(), some.Select(e => e.Seq));
        foreach (StoredEvent e in some)
        {
            StoredEvent same = events[(int)(e.Seq - 50)];
            Assert.Equal((same.Seq, same.ReceivedNs, same.Kind), (e.Seq, e.ReceivedNs, e.Kind));
            Assert.True(same.Record.Span.SequenceEqual(e.Record.Span) && same.Envelope.Span.SequenceEqual(e.Envelope.Span)
                && same.Resource.Span.SequenceEqual(e.Resource.Span) && same.Scope.Span.SequenceEqual(e.Scope.Span));
        }

        return some;
    }

    private static HashSet<string> Words(CanonicalEvent e)
    {
        HashSet<string> words = [];
        var sink = new WordSink(words);
        EventWords.Collect(e, ref sink);
        return words;
    }

    private readonly struct WordSink(HashSet<string> words) : IWordSink
    {
        public void Add(scoped ReadOnlySpan<char> word) => words.Add(word.ToString());
    }

    // Runs of letters, digits and signs inside values: lengths and tags of protobuf may look like them, so the ends are cut and short ones left out.
    private static IEnumerable<string> Words(StoredEvent e)
    {
        string text = Encoding.Latin1.GetString(e.Record.Span);
        return System.Text.RegularExpressions.Regex.Matches(text, "[a-z][a-z0-9-]{10,40}").Select(m => m.Value[1..^2]);
    }

    private static StoredEvent Event(int i, byte[] record) => new(50 + i, 1_790_000_000_000_000_000 + i, EntryKind.Event, _envelope, default, default, record);

    private static StoredEvent Otlp(int i, EntryKind kind, byte[] record) =>
        new(50 + i, 1_790_000_000_000_000_000 + i, kind, _envelope, EventGenerator.Resource(), EventGenerator.Scope(), record);

    private static byte[] Seal(StoredEvent[] events) =>
        new SealedBlockEncoder().Encode(events, [new NonceRange(1, new SegmentNonce(1, 2), 0, events.Length)], 0, 1, FixedKeyring.Key(1));
}
