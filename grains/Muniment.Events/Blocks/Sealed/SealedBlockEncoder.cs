using System.Buffers.Binary;
using System.Security.Cryptography;
using Muniment.Events.Keys;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// Merges up to <see cref="Segment.MaxEvents"/> decoded events into columns. Changes no event: decoding gives the same bytes, hence the same leaves. Used by one thread at a time.
/// </summary>
public sealed class SealedBlockEncoder : IDisposable
{
    private const int KeptStoredSizeBytes = 4 * 1024 * 1024;

    private readonly FrameCipher _cipher = new();
    private readonly ShapeTree _tree = new();
    private readonly RecordReader _reader;
    private readonly Column _shapes = new(), _received = new(), _kinds = new();
    private readonly PartTable _envelopes = new(), _resources = new(), _scopes = new();
    private readonly SealedFrameWriter _writer = new();
    private readonly List<TextPieces.Piece> _pieces = [];
    private readonly GrowingBuffer _stored = new(64 * 1024);

    /// <summary>An encoder. It keeps what it needs for a block of the usual size, and the values of the block encoded last.</summary>
    public SealedBlockEncoder()
    {
        _reader = new RecordReader(_tree);
        Values = new EncodedValues(_tree, _shapes, _envelopes.Indices, _resources.Indices, _scopes.Indices);
    }

    /// <summary>The values of the block that was encoded last.</summary>
    public EncodedValues Values { get; }

    /// <summary>Encodes consecutive events.</summary>
    /// <param name="events">1 to <see cref="Segment.MaxEvents"/> events with dense seqs.</param>
    /// <param name="ranges">Where they came from; counts add up to the number of events.</param>
    /// <param name="minTimeNs">Least <c>ts</c>, or a lower bound.</param>
    /// <param name="maxTimeNs">Greatest <c>ts</c>, or an upper bound.</param>
    /// <param name="keys">The tenant's current keys.</param>
    public byte[] Encode(ReadOnlySpan<StoredEvent> events, ReadOnlySpan<NonceRange> ranges, long minTimeNs, long maxTimeNs, TenantKeys keys)
    {
        using LentBytes payload = EncodeLent(events, ranges, minTimeNs, maxTimeNs, keys);
        return payload.Bytes.ToArray();
    }

    /// <summary>As <see cref="Encode"/>, into memory that the caller gives back.</summary>
    public LentBytes EncodeLent(ReadOnlySpan<StoredEvent> events, ReadOnlySpan<NonceRange> ranges, long minTimeNs, long maxTimeNs, TenantKeys keys)
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

    private GrowingBuffer[] BuildFrames(ReadOnlySpan<StoredEvent> events, ReadOnlySpan<NonceRange> ranges)
    {
        Clear();
        long recordBytes = 0;
        foreach (ref readonly StoredEvent stored in events)
        {
            _shapes.Add(_reader.Read(stored.Kind, stored.Record.Span));
            _received.Add(stored.ReceivedNs);
            _kinds.Add((long)stored.Kind);
            _envelopes.Add(stored.Envelope);
            _resources.Add(stored.Resource);
            _scopes.Add(stored.Scope);
            recordBytes += stored.Record.Length;
        }

        if (recordBytes > SealedHeader.MaxRawLength)
        {
            throw new ArgumentException($"a sealed block takes {SealedHeader.MaxRawLength} bytes of records, not {recordBytes}: fewer events at a time", nameof(events));
        }

        _writer.Add(SealedColumnId.Shape, _shapes);
        _writer.Add(SealedColumnId.Received, _received);
        _writer.Add(SealedColumnId.Kind, _kinds);
        _writer.Add(SealedColumnId.Envelope, _envelopes.Indices);
        _writer.Add(SealedColumnId.Resource, _resources.Indices);
        _writer.Add(SealedColumnId.Scope, _scopes.Indices);
        _writer.Add(SealedColumnId.Envelopes, _envelopes.Parts, SealedFrame.Rest);
        _writer.Add(SealedColumnId.Resources, _resources.Parts, SealedFrame.Rest);
        _writer.Add(SealedColumnId.Scopes, _scopes.Parts, SealedFrame.Rest);
        int[] columns = _writer.AddTree(_tree, recordBytes, ranges);
        for (int i = 0; i < columns.Length; i++)
        {
            _writer.Add(SealedColumnId.FirstOfTree + i, _tree.Columns[columns[i]]);
        }

        return _writer.Finish();
    }

    private void Clear()
    {
        _tree.Clear();
        _shapes.Clear();
        _received.Clear();
        _kinds.Clear();
        _envelopes.Clear();
        _resources.Clear();
        _scopes.Clear();
        _writer.Clear();
        _pieces.Clear();
        _stored.Clear(KeptStoredSizeBytes);
    }

    private LentBytes Seal(SealedHeader header, GrowingBuffer[] frames)
    {
        byte[] clear = new byte[SealedHeader.SizeBytes + 1];
        header.Write(clear);
        Span<int> ends = stackalloc int[SealedHeader.FrameCount];
        int total = SealedHeader.SizeBytes;
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
                TextPieces.Compress(frames[i].Written, _cipher, _stored, _pieces);
                BinaryPrimitives.WriteInt32BigEndian(entry[8..], TextPieces.StoredLength(_pieces));
                total += TextPieces.StoredLength(_pieces);
            }
            else
            {
                ReadOnlySpan<byte> compressed = _cipher.Compress(frames[i].Written, 0, out FrameCodec codec);
                entry[0] = (byte)codec;
                BinaryPrimitives.WriteInt32BigEndian(entry[8..], compressed.Length);
                RandomNumberGenerator.Fill(entry[SealedHeader.NonceInEntry..]);
                _stored.Write(compressed);
                total += compressed.Length + SegmentHeader.TagSizeBytes;
            }

            ends[i] = _stored.Length;
        }

        LentBytes lent = new(total);
        Span<byte> payload = lent.Bytes.Span;
        clear.AsSpan(0, SealedHeader.SizeBytes).CopyTo(payload);
        int at = SealedHeader.SizeBytes;
        for (int i = 0; i < frames.Length; i++)
        {
            ReadOnlySpan<byte> stored = _stored.Written[(i == 0 ? 0 : ends[i - 1])..ends[i]];
            if (i == (int)SealedFrame.Text)
            {
                TextPieces.Seal(clear, stored, _pieces, _cipher, payload[at..]);
                at += TextPieces.StoredLength(_pieces);
                continue;
            }

            clear[SealedHeader.SizeBytes] = (byte)i;
            _cipher.Encrypt(Entry(clear, i)[SealedHeader.NonceInEntry..], stored, clear, payload[at..]);
            at += stored.Length + SegmentHeader.TagSizeBytes;
        }

        return lent;
    }

    private static Span<byte> Entry(byte[] header, int frame) =>
        header.AsSpan(SealedHeader.FramesOffset + (frame * SealedHeader.FrameEntrySizeBytes), SealedHeader.FrameEntrySizeBytes);
}
