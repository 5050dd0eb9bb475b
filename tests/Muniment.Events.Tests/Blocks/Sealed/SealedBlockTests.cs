using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Muniment.Events.Blocks;
using Muniment.Events.Blocks.Sealed;
using Muniment.TestData;

namespace Muniment.Events.Tests.Blocks.Sealed;

public sealed class SealedBlockTests
{
    private static readonly NonceRange[] _noRanges = [];

    // The same for all blocks of a test, as the sealer uses them.
    private readonly SealedBlockEncoder _encoder = new();
    private readonly SealedBlockDecoder _leafDecoder = new();
    private readonly LeafHasher _hasher = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(500)]
    [InlineData(4096)]
    public void GeneratedEventsComeBackByteForByteWithTheSameLeaves(int count)
    {
        using var encoder = new SegmentEncoder();
        var payload = new List<byte>();
        var leaves = new List<byte>();
        for (int done = 0, i = 0; done < count; i++)
        {
            int n = Math.Min(count - done, 700);
            (Segment segment, _) = SegmentTests.Encode(n, i, (uint)(1 + (i % 2)), encoder);
            payload.AddRange(segment.Payload.Span);
            leaves.AddRange(segment.Leaves.Span);
            done += n;
        }

        DecodedBlock before = new SegmentDecoder().Decode(payload.ToArray(), TenantId.Default, new FixedKeyring(), 77);
        byte[] sealedPayload = new SealedBlockEncoder().Encode(before.Events.AsSpan(), before.Ranges.AsSpan(), 5, 9, FixedKeyring.Key(3));
        DecodedBlock after = new SealedBlockDecoder().Decode(sealedPayload, TenantId.Default, new FixedKeyring(), 77);
        SegmentTests.Check(before.Events, after.Events, 77);
        Assert.Equal(before.Ranges.ToArray(), after.Ranges.ToArray());
        byte[] again = new byte[count * 32];
        new LeafHasher().Hash(after.Events.AsSpan(), after.Ranges.AsSpan(), TenantId.Default, new FixedKeyring(), again);
        Assert.Equal(leaves.ToArray(), again);
        SealedHeader header = SealedHeader.Read(sealedPayload, 77);
        Assert.Equal((count, 3u, 77L, 5L, 9L), (header.Count, header.KeyId, header.FirstSeq, header.MinTimeNs, header.MaxTimeNs));
        Assert.True(SealedBlockDecoder.IsSealed(sealedPayload));
        Assert.False(SealedBlockDecoder.IsSealed(payload.ToArray()));
    }

    [Fact]
    public void AnySplitRangesSurviveSealing()
    {
        (Segment segment, List<StoredEvent> events) = SegmentTests.Encode(300, 3);
        SegmentNonce nonce = SegmentHeader.Read(segment.Payload.Span).Nonce;
        NonceRange[] ranges = [new(1, nonce, 100, 150)];
        StoredEvent[] middle = [.. events.Skip(100).Take(150)];
        byte[] payload = new SealedBlockEncoder().Encode(middle, ranges, 0, 1, FixedKeyring.Key(1));
        DecodedBlock block = new SealedBlockDecoder().Decode(payload, TenantId.Default, new FixedKeyring(), 100);
        byte[] leaves = new byte[150 * 32];
        new LeafHasher().Hash(block.Events.AsSpan(), block.Ranges.AsSpan(), TenantId.Default, new FixedKeyring(), leaves);
        Assert.Equal(segment.Leaves.Slice(100 * 32, 150 * 32).ToArray(), leaves);
    }

    [Fact]
    public void RandomOtlpRecordsComeBackByteForByte()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(seed);
            RoundTrip([.. Enumerable.Range(0, 200).Select(i =>
            {
                var kind = (EntryKind)random.Next(2, 5);
                return (kind, RandomProto.Record(random, kind));
            })]);
        }
    }

    [Fact]
    public void DamagedOtlpRecordsComeBackByteForByte()
    {
        var random = new Random(99);
        var generator = new EventGenerator(4);
        for (int round = 0; round < 20; round++)
        {
            RoundTrip([.. Enumerable.Range(0, 100).Select(_ =>
            {
                byte[] record = generator.LogRecord();
                for (int flips = random.Next(4); flips > 0; flips--)
                {
                    record[random.Next(record.Length)] = (byte)random.Next(256);
                }

                return ((EntryKind)random.Next(1, 5), random.Next(4) == 0 ? record[..random.Next(record.Length)] : record);
            })]);
        }
    }

    [Fact]
    public void AnyBytesComeBack() => Prop.ForAll<byte[][]>(records => RoundTrip([.. records.Append([]).Select((r, i) => ((EntryKind)((i % 4) + 1), r ?? []))]))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void AnyTextsComeBack() => Prop.ForAll<string[]>(texts => RoundTrip([.. texts.Append("").Select(t => (EntryKind.Event, Encoding.UTF8.GetBytes($$"""{"a":"{{t}}",{{t}}:[{{t}},1]}""")))]))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void NumbersInEveryWritingComeBack()
    {
        string[] numbers = ["0", "-0", "1", "-1", "00", "01", "1.0", "1.50", "1.5", "0.5", "-0.5", ".5", "5.", "1e5", "1E+5", "9223372036854775807", "-9223372036854775808", "18446744073709551616",
            "0.000001", "0.0000001", "123456789012345678", "99999999999999999", "0.1", "100", "1000000.000001", "-", "+1", "1.2.3", "99999999999.999999", "null", "true", "false"];
        RoundTrip([.. numbers.Select(n => (EntryKind.Event, Encoding.UTF8.GetBytes($$"""{"n":{{n}}}""")))]);
        foreach (string first in numbers)
        {
            foreach (string second in numbers)
            {
                RoundTrip([(EntryKind.Event, Encoding.UTF8.GetBytes($$"""{"n":{{first}}}""")), (EntryKind.Event, Encoding.UTF8.GetBytes($$"""{"n":{{second}}}"""))]);
            }
        }
    }

    [Fact]
    public void ColumnsOfEveryFormComeBack()
    {
        string[] values =
        [
            "2026-11-21T10:00:00Z", "2026-11-21T10:00:00.1Z", "2026-11-21T10:00:00.123456789Z", "2026-11-21T10:00:00.000000000Z", "2026-02-30T10:00:00Z", "1969-12-31T23:59:59Z",
            "2026-11-21T10:00:60Z", "2026-11-21t10:00:00Z", "2026-11-21T10:00:00+00:00", "2026-11-21T10:00:00.Z", "2199-12-31T23:59:59.999999999Z", "1970-01-01T00:00:00.000000001Z",
            "0f8fad5b-d9cb-469f-a165-70867728950e", "0F8FAD5B-d9cb-469f-a165-70867728950e", "0f8fad5b-d9cb-469f-a165-70867728950g", "0f8fad5bd9cb469fa16570867728950e", "deadbeef", "DEADBEEF",
            "deadbee", "12345678", "0123456789abcdef", "", "a", "é", "\\u00e9", "1", "1.5", new string('7', 400),
        ];
        foreach (string first in values)
        {
            foreach (string second in values)
            {
                RoundTrip([.. Enumerable.Range(0, 20).Select(i => (EntryKind.Event, Encoding.UTF8.GetBytes($$"""{"v":"{{(i % 3 == 1 ? second : first)}}"}""")))]);
            }
        }
    }

    [Fact]
    public void ManyDifferentShapesStillComeBack()
    {
        var random = new Random(12);
        RoundTrip([.. Enumerable.Range(0, 4096).Select(i => (EntryKind.Event, Encoding.UTF8.GetBytes(
            "{" + string.Join(',', Enumerable.Range(0, random.Next(12)).Select(_ => $"\"k{random.Next(100_000)}\":{random.Next(1000)}")) + "}")))]);
    }

    [Fact]
    public void MoreShapesThanTheTreeHasRoomForStillComeBack()
    {
        var random = new Random(13);
        RoundTrip([.. Enumerable.Range(0, 4096).Select(i => (EntryKind.Event, Encoding.UTF8.GetBytes(
            "{" + string.Join(',', Enumerable.Range(0, 30).Where(_ => random.Next(2) == 0).Select(k => $"\"k{k}\":true")) + "}")))]);
    }

    [Fact]
    public void DeepNestingComesBack()
    {
        byte[] deep = [];
        for (int i = 0; i < 60; i++)
        {
            deep = [0x2a, .. Length(deep.Length + 1 + Length(deep.Length).Length), 0x0a, .. Length(deep.Length), .. deep];
        }

        RoundTrip([(EntryKind.Log, deep), (EntryKind.Log, [0x2a, 0x00]), (EntryKind.Event, Encoding.UTF8.GetBytes(new string('[', 5000) + new string(']', 5000)))]);
    }

    [Fact]
    public void EveryFlippedByteAndEveryTruncationIsRefused()
    {
        byte[] payload = Seal([.. Enumerable.Range(0, 5).Select(_ => (EntryKind.Log, new EventGenerator(5).LogRecord()))]);
        using var decoder = new SealedBlockDecoder();
        for (int i = 0; i < payload.Length; i++)
        {
            Assert.Throws<JournalCorruptException>(() => decoder.Decode(payload.AsMemory(0, i), TenantId.Default, new FixedKeyring(), 0));
            byte[] damaged = [.. payload];
            damaged[i] ^= 0x40;
            Assert.Throws<JournalCorruptException>(() => decoder.Decode(damaged, TenantId.Default, new FixedKeyring(), 0));
            Assert.Throws<JournalCorruptException>(() => decoder.HashLeaves(damaged, TenantId.Default, new FixedKeyring(), 0, _hasher, new byte[5 * 32]));
        }

        Assert.Throws<JournalCorruptException>(() => decoder.Decode((byte[])[.. payload, 0], TenantId.Default, new FixedKeyring(), 0));
        Assert.Throws<JournalCorruptException>(() => decoder.Decode(payload, TenantId.Default, new FixedKeyring(), 1));
        Assert.Equal(
            JournalFault.KeyMissing, Assert.Throws<JournalCorruptException>(() => decoder.Decode(payload, TenantId.Default, new FixedKeyring(1), 0)).Fault);
    }

    [Fact]
    public void TheTestEventIsSmall()
    {
        var generator = new EventGenerator(31);
        byte[] logs = Seal([.. Enumerable.Range(0, 4096).Select(_ => (EntryKind.Log, generator.LogRecord()))]);
        byte[] events = Seal([.. Enumerable.Range(0, 4096).Select(_ => (EntryKind.Event, generator.JsonEvent()))]);
        Assert.InRange(logs.Length / 4096.0, 1, 90);
        Assert.InRange(events.Length / 4096.0, 1, 90);
    }

    [Fact]
    public void LargeRecordsComeBackAndHaveTheSameLeaves()
    {
        var random = new Random(8);
        RoundTrip([.. Enumerable.Range(0, 300).Select(i =>
        {
            byte[] noise = new byte[i % 50 == 7 ? 40_000 : random.Next(2000)];
            random.NextBytes(noise);
            return ((EntryKind)((i % 4) + 1), noise);
        })]);
    }

    [Fact]
    public void PartsTooLargeToLieSideBySideAreLeftToDecoding()
    {
        byte[] envelope = new byte[64 * 1024];
        StoredEvent[] events = [.. Enumerable.Range(0, 600).Select(i => new StoredEvent(i, 1, EntryKind.Event, envelope, default, default, "{}"u8.ToArray()))];
        byte[] payload = _encoder.Encode(events, [new NonceRange(1, new SegmentNonce(1, 2), 0, events.Length)], 0, 1, FixedKeyring.Key(1));
        Assert.Equal(0, _leafDecoder.HashLeaves(payload, TenantId.Default, new FixedKeyring(), 0, _hasher, new byte[600 * 32]));
    }

    [Fact]
    public void WrongInputIsRefused()
    {
        using var encoder = new SealedBlockEncoder();
        Assert.Throws<ArgumentException>(() => encoder.Encode([], _noRanges, 0, 0, FixedKeyring.Key(1)));
        StoredEvent[] gap = [new(0, 1, EntryKind.Event, default, default, default, default), new(2, 1, EntryKind.Event, default, default, default, default)];
        Assert.Throws<ArgumentException>(() => encoder.Encode(gap, [new NonceRange(1, default, 0, 2)], 0, 0, FixedKeyring.Key(1)));
        Assert.Throws<ArgumentException>(() => encoder.Encode(gap.AsSpan(0, 1), [new NonceRange(1, default, 0, 2)], 0, 0, FixedKeyring.Key(1)));
    }

    private static byte[] Length(int value) => value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), (byte)(value >> 7)];

    private void RoundTrip((EntryKind Kind, byte[] Record)[] records)
    {
        byte[] payload = Seal(records);
        DecodedBlock block = new SealedBlockDecoder().Decode(payload, TenantId.Default, new FixedKeyring(), 0);
        for (int i = 0; i < records.Length; i++)
        {
            Assert.Equal(records[i].Kind, block.Events[i].Kind);
            Assert.Equal(records[i].Record, block.Events[i].Record.ToArray());
        }

        byte[] expected = new byte[records.Length * 32], leaves = new byte[Segment.MaxEvents * 32];
        new LeafHasher().Hash(block.Events.AsSpan(), block.Ranges.AsSpan(), TenantId.Default, new FixedKeyring(), expected);
        Assert.Equal(records.Length, _leafDecoder.HashLeaves(payload, TenantId.Default, new FixedKeyring(), 0, _hasher, leaves));
        Assert.Equal(expected, leaves[..expected.Length]);
    }

    private byte[] Seal((EntryKind Kind, byte[] Record)[] records)
    {
        StoredEvent[] events = [.. records.Select((r, i) => new StoredEvent(i, 1_790_000_000_000_000_000 + i, r.Kind, "{}"u8.ToArray(), default, default, r.Record))];
        return _encoder.Encode(events, [new NonceRange(1, new SegmentNonce(1, 2), 0, events.Length)], 0, 1, FixedKeyring.Key(1));
    }
}
