using System.Text;
using Muniment.Events.Blocks;
using Muniment.Events.Blocks.Sealed;
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
            Check(payload, new RowNeedles([Encoding.ASCII.GetBytes(word)], false));
        }

        Check(payload, new RowNeedles([.. words.Take(5).Select(Encoding.ASCII.GetBytes)], false));
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
            Check(payload, new RowNeedles([e.Record.Slice(at, 16).ToArray()], true));
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
                Check(payload, new RowNeedles([Encoding.ASCII.GetBytes(word)], false));
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
            Check(payload, new RowNeedles([Encoding.ASCII.GetBytes(needle)], false));
        }
    }

    [Fact]
    public void DamageIsFoundWhereverItIs()
    {
        var generator = new EventGenerator(5);
        byte[] payload = Seal([.. Enumerable.Range(0, 5).Select(i => Otlp(i, EntryKind.Log, generator.LogRecord()))]);
        using var decoder = new SealedBlockDecoder();
        var needles = new RowNeedles(["nowhere-at-all"u8.ToArray()], false);
        Assert.Empty(decoder.Decode(payload, TenantId.Default, new FixedKeyring(), 50, needles).Events);
        for (int i = 0; i < payload.Length; i++)
        {
            byte[] damaged = [.. payload];
            damaged[i] ^= 0x40;
            Assert.Throws<JournalCorruptException>(() => decoder.Decode(damaged, TenantId.Default, new FixedKeyring(), 50, needles));
            Assert.Throws<JournalCorruptException>(() => decoder.Decode(payload.AsSpan(0, i), TenantId.Default, new FixedKeyring(), 50, needles));
        }
    }

    [Fact]
    public void NoNeedleOrAnEmptyOneIsRefused()
    {
        Assert.Throws<ArgumentException>(() => new RowNeedles([], false));
        Assert.Throws<ArgumentException>(() => new RowNeedles(["a"u8.ToArray(), []], false));
    }

    private static void Check(byte[] payload, RowNeedles needles)
    {
        DecodedBlock whole = new SealedBlockDecoder().Decode(payload, TenantId.Default, new FixedKeyring(), 50);
        DecodedBlock some = new SealedBlockDecoder().Decode(payload, TenantId.Default, new FixedKeyring(), 50, needles);
        long[] expected = [.. whole.Events.Where(e => needles.MayBeIn(e)).Select(e => e.Seq)];
        long[] got = [.. some.Events.Where(e => needles.MayBeIn(e)).Select(e => e.Seq)];
        Assert.True(expected.SequenceEqual(got), $"'{Encoding.Latin1.GetString(needles.AnyOf[0])}': expected seqs {string.Join(' ', expected.Except(got))} too");
        Assert.Equal(some.Events.Select(e => e.Seq).Order(), some.Events.Select(e => e.Seq));
        foreach (StoredEvent e in some.Events)
        {
            StoredEvent same = whole.Events[(int)(e.Seq - 50)];
            Assert.Equal((same.Seq, same.ReceivedNs, same.Kind), (e.Seq, e.ReceivedNs, e.Kind));
            Assert.True(same.Record.Span.SequenceEqual(e.Record.Span) && same.Envelope.Span.SequenceEqual(e.Envelope.Span)
                && same.Resource.Span.SequenceEqual(e.Resource.Span) && same.Scope.Span.SequenceEqual(e.Scope.Span));
        }
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
