using System.Buffers.Binary;
using System.Security.Cryptography;
using Muniment.Events.Keys;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// Merges up to <see cref="Segment.MaxEvents"/> decoded events into columns. Changes no event: decoding gives the same bytes, hence the same leaves. Used by one thread at a time.
/// </summary>
public sealed class SealedBlockEncoder : IDisposable
{
    private readonly FrameCipher _cipher = new();

    /// <summary>Encodes consecutive events.</summary>
    /// <param name="events">1 to <see cref="Segment.MaxEvents"/> events with dense seqs.</param>
    /// <param name="ranges">Where they came from; counts add up to the number of events.</param>
    /// <param name="minTimeNs">Least <c>ts</c>, or a lower bound.</param>
    /// <param name="maxTimeNs">Greatest <c>ts</c>, or an upper bound.</param>
    /// <param name="keys">The tenant's current keys.</param>
    public byte[] Encode(ReadOnlySpan<StoredEvent> events, ReadOnlySpan<NonceRange> ranges, long minTimeNs, long maxTimeNs, TenantKeys keys)
    {
        Check(events, ranges);
        _cipher.Use(keys);
        GrowingBuffer[] frames = BuildFrames(events, ranges);
        var header = new SealedHeader(events.Length, keys.KeyId, events[0].Seq, minTimeNs, maxTimeNs);
        return Seal(header, frames);
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    private static void Check(ReadOnlySpan<StoredEvent> events, ReadOnlySpan<NonceRange> ranges)
    {
        int covered = 0;
        foreach (NonceRange range in ranges)
        {
            covered += range.Count;
        }

        if (events.Length is 0 or > Segment.MaxEvents || covered != events.Length)
        {
            throw new ArgumentException($"1 to {Segment.MaxEvents} events are expected, and ranges that cover them; there are {events.Length} events, {covered} covered", nameof(events));
        }

        for (int i = 1; i < events.Length; i++)
        {
            if (events[i].Seq != events[0].Seq + i)
            {
                throw new ArgumentException($"seq {events[i].Seq} does not follow {events[i - 1].Seq}", nameof(events));
            }
        }
    }

    private static GrowingBuffer[] BuildFrames(ReadOnlySpan<StoredEvent> events, ReadOnlySpan<NonceRange> ranges)
    {
        var tree = new ShapeTree();
        var reader = new RecordReader(tree);
        Column shapes = new(), received = new(), kinds = new();
        PartTable envelopes = new(), resources = new(), scopes = new();
        long recordBytes = 0;
        foreach (ref readonly StoredEvent stored in events)
        {
            shapes.Add(reader.Read(stored.Kind, stored.Record.Span));
            received.Add(stored.ReceivedNs);
            kinds.Add((long)stored.Kind);
            envelopes.Add(stored.Envelope);
            resources.Add(stored.Resource);
            scopes.Add(stored.Scope);
            recordBytes += stored.Record.Length;
        }

        if (recordBytes > SealedHeader.MaxRawLength)
        {
            throw new ArgumentException($"a sealed block takes {SealedHeader.MaxRawLength} bytes of records, not {recordBytes}: fewer events at a time", nameof(events));
        }

        var writer = new SealedFrameWriter();
        writer.Add(SealedColumnId.Shape, shapes);
        writer.Add(SealedColumnId.Received, received);
        writer.Add(SealedColumnId.Kind, kinds);
        writer.Add(SealedColumnId.Envelope, envelopes.Indices);
        writer.Add(SealedColumnId.Resource, resources.Indices);
        writer.Add(SealedColumnId.Scope, scopes.Indices);
        writer.Add(SealedColumnId.Envelopes, envelopes.Parts, SealedFrame.Rest);
        writer.Add(SealedColumnId.Resources, resources.Parts, SealedFrame.Rest);
        writer.Add(SealedColumnId.Scopes, scopes.Parts, SealedFrame.Rest);
        int[] columns = writer.AddTree(tree, recordBytes, ranges);
        for (int i = 0; i < columns.Length; i++)
        {
            writer.Add(SealedColumnId.FirstOfTree + i, tree.Columns[columns[i]]);
        }

        return writer.Finish();
    }

    private byte[] Seal(SealedHeader header, GrowingBuffer[] frames)
    {
        byte[] clear = new byte[SealedHeader.SizeBytes + 1];
        header.Write(clear);
        byte[][] stored = new byte[frames.Length][];
        int total = SealedHeader.SizeBytes;
        List<TextPieces.Piece> pieces = [];
        for (int i = 0; i < frames.Length; i++)
        {
            if (frames[i].Length > SealedHeader.MaxRawLength)
            {
                throw new ArgumentException($"frame {i} has {frames[i].Length} bytes, a reader takes {SealedHeader.MaxRawLength}: fewer events at a time", nameof(frames));
            }

            Span<byte> entry = Entry(clear, i);
            BinaryPrimitives.WriteInt32BigEndian(entry[4..], frames[i].Length);
            if (i == (int)SealedFrame.Text)
            {
                entry[0] = (byte)FrameCodec.Pieces;
                pieces = TextPieces.Compress(frames[i].Written, _cipher);
                BinaryPrimitives.WriteInt32BigEndian(entry[8..], TextPieces.StoredLength(pieces));
                total += TextPieces.StoredLength(pieces);
                continue;
            }

            ReadOnlySpan<byte> compressed = _cipher.Compress(frames[i].Written, 0, out FrameCodec codec);
            entry[0] = (byte)codec;
            BinaryPrimitives.WriteInt32BigEndian(entry[8..], compressed.Length);
            RandomNumberGenerator.Fill(entry[SealedHeader.NonceInEntry..]);
            stored[i] = compressed.ToArray();
            total += compressed.Length + SegmentHeader.TagSizeBytes;
        }

        byte[] payload = new byte[total];
        clear.AsSpan(0, SealedHeader.SizeBytes).CopyTo(payload);
        int at = SealedHeader.SizeBytes;
        for (int i = 0; i < frames.Length; i++)
        {
            if (i == (int)SealedFrame.Text)
            {
                TextPieces.Seal(clear, pieces, _cipher, payload.AsSpan(at));
                at += TextPieces.StoredLength(pieces);
                continue;
            }

            clear[SealedHeader.SizeBytes] = (byte)i;
            _cipher.Encrypt(Entry(clear, i)[SealedHeader.NonceInEntry..], stored[i], clear, payload.AsSpan(at));
            at += stored[i].Length + SegmentHeader.TagSizeBytes;
        }

        return payload;
    }

    private static Span<byte> Entry(byte[] header, int frame) =>
        header.AsSpan(SealedHeader.FramesOffset + (frame * SealedHeader.FrameEntrySizeBytes), SealedHeader.FrameEntrySizeBytes);
}
