using System.Security.Cryptography;
using System.Text;
using Muniment.Events.Blocks;
using Muniment.Events.Terms;
using Muniment.TestData;

namespace Muniment.Events.Tests.Blocks;

public sealed class SegmentTests
{
    private const long ReceivedNs = 1_790_000_000_123_456_789;
    private static readonly byte[] _envelope = Encoding.UTF8.GetBytes("""{"stream":"activity","receiver":"otlp_grpc","mapper":1}""");

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(200)]
    [InlineData(4096)]
    public void WhatGoesInComesOut(int count)
    {
        (Segment segment, List<StoredEvent> expected) = Encode(count, seed: 5);
        Assert.Equal(count, segment.Count);
        DecodedBlock block = new SegmentDecoder().Decode(segment.Payload.Span, TenantId.Default, new FixedKeyring(), 100);
        Check(expected, block.Events, 100);
        NonceRange range = Assert.Single(block.Ranges);
        Assert.Equal((1u, 0, count), (range.KeyId, range.FirstIndex, range.Count));
        Assert.Equal(1_000, segment.MinTimeNs);
        Assert.Equal(1_000 + count - 1, segment.MaxTimeNs);
    }

    [Fact]
    public void SegmentsOfSeveralKeysConcatenate()
    {
        using var encoder = new SegmentEncoder();
        var payload = new List<byte>();
        var leaves = new List<byte>();
        var expected = new List<StoredEvent>();
        for (uint key = 1; key <= 5; key++)
        {
            (Segment segment, List<StoredEvent> events) = Encode(10 + (int)key, (int)key, key / 2 + 1, encoder);
            payload.AddRange(segment.Payload.Span);
            leaves.AddRange(segment.Leaves.Span);
            expected.AddRange(events);
        }

        DecodedBlock block = new SegmentDecoder().Decode(payload.ToArray(), TenantId.Default, new FixedKeyring(), 7);
        Check(expected, block.Events, 7);
        Assert.Equal(5, block.Ranges.Length);
        long records = expected.Sum(e => e.Record.Length);
        Assert.InRange(SegmentDecoder.MeasureRaw(payload.ToArray(), 7), records, records + (expected.Count * 400));
        byte[] again = new byte[expected.Count * 32];
        byte[] entries = new byte[expected.Count * LogEntry.SizeBytes];
        new LeafHasher().Hash(block.Events.AsSpan(), block.Ranges.AsSpan(), TenantId.Default, new FixedKeyring(), again, entries);
        Assert.Equal(leaves.ToArray(), again);
        Assert.Equal(SHA256.HashData([0, .. entries.AsSpan(LogEntry.SizeBytes, LogEntry.SizeBytes)]), again[32..64]);
    }

    [Fact]
    public void LeavesAreWhatTheFormatSays()
    {
        (Segment segment, List<StoredEvent> expected) = Encode(300, seed: 6);
        DecodedBlock block = new SegmentDecoder().Decode(segment.Payload.Span, TenantId.Default, new FixedKeyring(), 0);
        byte[] nonce = new byte[12];
        block.Ranges[0].Nonce.Write(nonce);
        using var aes = Aes.Create();
        aes.SetKey(FixedKeyring.Key(1).SaltKey.Span);
        for (int i = 0; i < expected.Count; i++)
        {
            StoredEvent e = expected[i];
            byte[] salt = aes.EncryptEcb([.. nonce, (byte)(i >> 8), (byte)i, 0, 0], PaddingMode.None);
            byte[] part = e.Kind == EntryKind.Event
                ? [.. Prefixed(e.Envelope), .. Prefixed(e.Record)]
                : [.. Prefixed(e.Envelope), .. Prefixed(e.Resource), .. Prefixed(e.Scope), .. Prefixed(e.Record)];
            byte[] commitment = SHA256.HashData([.. salt, .. part]);
            byte[] received = [.. BitConverter.GetBytes(ReceivedNs).Reverse()];
            byte[] leaf = SHA256.HashData([0, 1, .. received, (byte)e.Kind, 0, .. commitment]);
            Assert.Equal(leaf, segment.Leaves.Slice(i * 32, 32).ToArray());
            byte[] single = new byte[32];
            ClearPart.Commit(e, salt, single);
            Assert.Equal(commitment, single);
            byte[] written = new byte[ClearPart.Size(e)];
            ClearPart.Write(written, e);
            Assert.Equal(part, written);
        }
    }

    [Fact]
    public void EveryFlippedByteAndEveryTruncationIsRefused()
    {
        (Segment segment, _) = Encode(3, seed: 9);
        byte[] payload = segment.Payload.ToArray();
        using var decoder = new SegmentDecoder();
        for (int i = 0; i < payload.Length; i++)
        {
            Assert.Throws<JournalCorruptException>(() => decoder.Decode(payload.AsSpan(0, i == 0 ? payload.Length - 1 : i), TenantId.Default, new FixedKeyring(), 0));
            byte[] damaged = [.. payload];
            damaged[i] ^= 0x40;
            Assert.Throws<JournalCorruptException>(() => decoder.Decode(damaged, TenantId.Default, new FixedKeyring(), 0));
        }

        Assert.Throws<JournalCorruptException>(() => decoder.Decode([.. payload, 0], TenantId.Default, new FixedKeyring(), 0));
    }

    [Fact]
    public void FailuresNameTheirPlaceAndKind()
    {
        (Segment first, _) = Encode(3, seed: 9);
        (Segment second, _) = Encode(3, seed: 10);
        byte[] payload = [.. first.Payload.Span, .. second.Payload.Span];
        payload[^1] ^= 1;
        var failure = Assert.Throws<JournalCorruptException>(() => new SegmentDecoder().Decode(payload, TenantId.Default, new FixedKeyring(), 4711));
        Assert.Equal((JournalFault.Authentication, 4711L, first.Payload.Length), (failure.Fault, failure.FirstSeq, failure.Offset));
        Assert.Contains("4711", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<JournalCorruptException>(() => new SegmentDecoder().Decode(first.Payload.Span, TenantId.Default, new FixedKeyring(1), 0));
        Assert.Equal(JournalFault.KeyMissing, failure.Fault);
        payload[first.Payload.Length] = 77;
        failure = Assert.Throws<JournalCorruptException>(() => SegmentDecoder.CountEvents(payload, 0));
        Assert.Equal(JournalFault.Format, failure.Fault);
    }

    [Fact]
    public void DifferentKeysGiveDifferentSaltsAndLeaves()
    {
        (Segment first, _) = Encode(4, 3, 1);
        (Segment second, _) = Encode(4, 3, 2);
        Assert.NotEqual(first.Leaves.ToArray(), second.Leaves.ToArray());
        byte[] salts = new byte[4096 * Salts.SizeBytes];
        Salts.Derive(FixedKeyring.Key(1), new SegmentNonce(1, 2), 0, salts);
        Assert.Equal(4096, salts.Chunk(Salts.SizeBytes).Select(Convert.ToHexString).Distinct().Count());
        byte[] tail = new byte[10 * Salts.SizeBytes];
        Salts.Derive(FixedKeyring.Key(1), new SegmentNonce(1, 2), 100, tail);
        Assert.Equal(salts.AsSpan(100 * Salts.SizeBytes, tail.Length).ToArray(), tail);
        Assert.Throws<ArgumentOutOfRangeException>(() => Salts.Derive(FixedKeyring.Key(1), default, 65_530, tail));
    }

    [Fact]
    public void RangesThatDoNotFitTheEventsAreRefused()
    {
        (Segment segment, List<StoredEvent> events) = Encode(4, 3);
        SegmentNonce nonce = SegmentHeader.Read(segment.Payload.Span).Nonce;
        byte[] leaves = new byte[4 * 32];
        foreach (int count in (int[])[3, 5, -1])
        {
            Assert.Throws<JournalCorruptException>(() => new LeafHasher().Hash(events.ToArray(), [new NonceRange(1, nonce, 0, count)], TenantId.Default, new FixedKeyring(), leaves));
        }

        var missing = Assert.Throws<JournalCorruptException>(() => new LeafHasher().Hash(events.ToArray(), [new NonceRange(1, nonce, 0, 4)], TenantId.Default, new FixedKeyring(1), leaves));
        Assert.Equal(JournalFault.KeyMissing, missing.Fault);
    }

    [Fact]
    public void PooledEncodersStartAfresh()
    {
        var pool = new SegmentEncoderPool();
        SegmentEncoder encoder = pool.Rent(FixedKeyring.Key(1), ReceivedNs);
        encoder.Add(EntryKind.Event, encoder.AddEnvelope(_envelope), -1, -1, "{}"u8, 1);
        encoder.AddTerm(7);
        pool.Return(encoder);
        SegmentEncoder again = pool.Rent(FixedKeyring.Key(2), ReceivedNs + 1);
        Assert.Same(encoder, again);
        Assert.Equal(0, again.Count);
        again.Add(EntryKind.Event, again.AddEnvelope("{}"u8), -1, -1, "[]"u8, 1);
        Segment segment = again.Finish();
        Assert.Equal((1, ReceivedNs + 1, 0), (segment.Count, segment.ReceivedNs, segment.Terms.Length));
        StoredEvent only = Assert.Single(new SegmentDecoder().Decode(segment.Payload.Span, TenantId.Default, new FixedKeyring(), 0).Events);
        Assert.Equal(("{}", "[]"), (Encoding.UTF8.GetString(only.Envelope.Span), Encoding.UTF8.GetString(only.Record.Span)));
    }

    [Fact]
    public void LargeRecordsAreKeptWhole()
    {
        using var encoder = new SegmentEncoder();
        encoder.Begin(FixedKeyring.Key(1), ReceivedNs);
        int envelope = encoder.AddEnvelope(_envelope);
        byte[] large = RandomNumberGenerator.GetBytes(5_000_000);
        encoder.Add(EntryKind.Event, envelope, -1, -1, "{}"u8, 1);
        encoder.Add(EntryKind.Event, envelope, -1, -1, large, 1);
        Assert.True(encoder.IsFull);
        Segment segment = encoder.Finish();
        DecodedBlock block = new SegmentDecoder().Decode(segment.Payload.Span, TenantId.Default, new FixedKeyring(), 0);
        Assert.Equal(large, block.Events[1].Record.ToArray());
        byte[] leaves = new byte[64];
        new LeafHasher().Hash(block.Events.AsSpan(), block.Ranges.AsSpan(), TenantId.Default, new FixedKeyring(), leaves);
        Assert.Equal(segment.Leaves.ToArray(), leaves);
    }

    [Fact]
    public void MisuseIsRefused()
    {
        using var encoder = new SegmentEncoder();
        Assert.Throws<InvalidOperationException>(() => encoder.Add(EntryKind.Event, 0, -1, -1, default, 0));
        encoder.Begin(FixedKeyring.Key(1), ReceivedNs);
        Assert.Throws<InvalidOperationException>(() => encoder.Finish());
        int envelope = encoder.AddEnvelope(_envelope);
        Assert.Equal(envelope, encoder.AddEnvelope(_envelope));
        Assert.NotEqual(envelope, encoder.AddEnvelope("{}"u8));
        Assert.Throws<ArgumentException>(() => encoder.Add(EntryKind.Log, envelope, 0, 0, default, 0));
        Assert.Throws<ArgumentException>(() => encoder.Add(EntryKind.Event, envelope, 0, 0, default, 0));
        Assert.Throws<ArgumentException>(() => encoder.Add((EntryKind)9, envelope, -1, -1, default, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => encoder.AddTerm(1UL << 48));
    }

    [Fact]
    public void TermsAreSortedAndDistinct()
    {
        using var encoder = new SegmentEncoder();
        encoder.Begin(FixedKeyring.Key(1), ReceivedNs);
        encoder.Add(EntryKind.Event, encoder.AddEnvelope(_envelope), -1, -1, "{}"u8, 1);
        var random = new Random(3);
        var expected = new SortedSet<ulong>();
        for (int i = 0; i < 20_000; i++)
        {
            ulong term = (ulong)random.NextInt64(1L << 48) % 15_000 * 7_000_000_001 % (1UL << 48);
            encoder.AddTerm(term);
            expected.Add(term);
        }

        encoder.Add(TermField.Agent, "codex"u8);
        encoder.Add(TermField.Agent, default);
        expected.Add(new TermHasher(FixedKeyring.Key(1)).Hash(TermField.Agent, "codex"u8));
        ReadOnlySpan<byte> terms = encoder.Finish().Terms.Span;
        byte[] wanted = [.. expected.SelectMany(t => BitConverter.GetBytes(t << 16).Reverse().Take(6))];
        Assert.Equal(wanted, terms.ToArray());
    }

    [Fact]
    public void NothingIsAllocatedPerEvent()
    {
        using var encoder = new SegmentEncoder();
        byte[] record = new EventGenerator(1).LogRecord();
        long events = long.MaxValue, finish = long.MaxValue; // the least of several passes: what is allocated for an event is in each, what the runtime needs once is not
        for (int pass = 0; pass < 6; pass++)
        {
            encoder.Begin(FixedKeyring.Key(1), ReceivedNs);
            int envelope = encoder.AddEnvelope(_envelope), resource = encoder.AddResource(EventGenerator.Resource()), scope = encoder.AddScope(EventGenerator.Scope());
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                encoder.Add(TermField.Action, "tool.execute"u8);
                encoder.Add(EntryKind.Log, envelope, resource, scope, record, i);
            }

            events = Math.Min(events, GC.GetAllocatedBytesForCurrentThread() - before);
            before = GC.GetAllocatedBytesForCurrentThread();
            Segment segment = encoder.Finish();
            finish = Math.Min(finish, GC.GetAllocatedBytesForCurrentThread() - before - segment.Payload.Length - segment.Leaves.Length - segment.Terms.Length);
        }

        Assert.True(events == 0, $"{events} bytes for 1000 events");
        Assert.True(finish < 4096, $"{finish} bytes besides the segment itself");
    }

    internal static (Segment Segment, List<StoredEvent> Events) Encode(int count, int seed, uint key = 1, SegmentEncoder? encoder = null)
    {
        encoder ??= new SegmentEncoder();
        var generator = new EventGenerator(seed);
        byte[] resource = EventGenerator.Resource(), scope = EventGenerator.Scope();
        var events = new List<StoredEvent>();
        encoder.Begin(FixedKeyring.Key(key), ReceivedNs);
        for (int i = 0; i < count; i++)
        {
            var kind = (EntryKind)((i % 4) + 1);
            byte[] envelope = i % 10 == 9 ? [.. _envelope, (byte)' '] : _envelope;
            byte[] record = kind == EntryKind.Event ? generator.JsonEvent() : generator.LogRecord();
            bool plain = kind == EntryKind.Event;
            int resourceIndex = plain ? -1 : encoder.AddResource(resource), scopeIndex = plain ? -1 : encoder.AddScope(scope);
            encoder.Add(kind, encoder.AddEnvelope(envelope), resourceIndex, scopeIndex, record, 1_000 + i);
            events.Add(new StoredEvent(i, ReceivedNs, kind, envelope, plain ? default : resource, plain ? default : scope, record));
        }

        return (encoder.Finish(), events);
    }

    internal static void Check(IReadOnlyList<StoredEvent> expected, IReadOnlyList<StoredEvent> actual, long firstSeq)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.Equal((firstSeq + i, expected[i].ReceivedNs, expected[i].Kind), (actual[i].Seq, actual[i].ReceivedNs, actual[i].Kind));
            Assert.Equal(expected[i].Envelope.ToArray(), actual[i].Envelope.ToArray());
            Assert.Equal(expected[i].Resource.ToArray(), actual[i].Resource.ToArray());
            Assert.Equal(expected[i].Scope.ToArray(), actual[i].Scope.ToArray());
            Assert.Equal(expected[i].Record.ToArray(), actual[i].Record.ToArray());
        }
    }

    private static byte[] Prefixed(ReadOnlyMemory<byte> value) => [.. BitConverter.GetBytes(value.Length).Reverse(), .. value.Span];
}
