using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Muniment.Events.Keys;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>Reads sealed blocks. Strict: every byte must be accounted for. Used by one thread at a time.</summary>
public sealed class SealedBlockDecoder : IDisposable
{
    private readonly FrameCipher _cipher = new();
    private readonly SealedLeaves _leaves = new();

    /// <summary>Whether a payload is a sealed block rather than segments.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> payload) => !payload.IsEmpty && payload[0] == FrameFormat.Sealed;

    /// <summary>Decodes the whole block; each event comes out byte for byte as it went in.</summary>
    /// <param name="payload">What the encoder made.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="keyring">Where its keys are.</param>
    /// <param name="firstSeq">Seq of the first event; the header must say the same.</param>
    /// <exception cref="JournalCorruptException">Anything is not as an encoder wrote it.</exception>
    public DecodedBlock Decode(ReadOnlyMemory<byte> payload, TenantId tenant, ITenantKeyring keyring, long firstSeq)
    {
        try
        {
            using var rentals = new Rentals();
            SealedTable table = Read(payload, tenant, keyring, firstSeq, rentals, whole: true);
            var events = new StoredEvent[table.Header.Count];
            SealedRows.Write(table, GC.AllocateUninitializedArray<byte>(table.RecordBytes), events);
            return new DecodedBlock(firstSeq, ImmutableCollectionsMarshal.AsImmutableArray(events), table.Ranges);
        }
        catch (Exception failure) when (SealedTable.IsDamage(failure))
        {
            throw SealedTable.Damage(firstSeq, failure);
        }
    }

    /// <summary>The same, behind what the buffers hold already.</summary>
    /// <param name="payload">What the encoder made.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="keyring">Where its keys are.</param>
    /// <param name="firstSeq">Seq of the first event; the header must say the same.</param>
    /// <param name="buffers">Where it goes; must be cleared after a failure.</param>
    /// <exception cref="JournalCorruptException">Anything is not as an encoder wrote it.</exception>
    public void Decode(ReadOnlyMemory<byte> payload, TenantId tenant, ITenantKeyring keyring, long firstSeq, BlockBuffers buffers)
    {
        ArgumentNullException.ThrowIfNull(buffers);
        try
        {
            using var rentals = new Rentals();
            SealedTable table = Read(payload, tenant, keyring, firstSeq, rentals, whole: true);
            SealedRows.Write(table, buffers.Rent(table.RecordBytes), buffers.Reserve(table.Header.Count));
            foreach (NonceRange range in table.Ranges)
            {
                buffers.Add(range);
            }
        }
        catch (Exception failure) when (SealedTable.IsDamage(failure))
        {
            throw SealedTable.Damage(firstSeq, failure);
        }
    }

    /// <summary>
    /// The leaves of a whole block, read as <c>Decode</c> reads it, every byte of it, but without keeping its events: each is put together where it is hashed. Returns how many
    /// there are, or 0 when their messages are too large to lie side by side; decode the block then.
    /// </summary>
    /// <param name="payload">What the encoder made.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="keyring">Where its keys are.</param>
    /// <param name="firstSeq">Seq of the first event; the header must say the same.</param>
    /// <param name="hasher">What hashes.</param>
    /// <param name="leaves">32 bytes for each event, at most <see cref="Segment.MaxEvents"/>.</param>
    /// <exception cref="JournalCorruptException">Anything is not as an encoder wrote it.</exception>
    public int HashLeaves(ReadOnlyMemory<byte> payload, TenantId tenant, ITenantKeyring keyring, long firstSeq, LeafHasher hasher, Memory<byte> leaves)
    {
        ArgumentNullException.ThrowIfNull(hasher);
        try
        {
            using var rentals = new Rentals();
            SealedTable table = Read(payload, tenant, keyring, firstSeq, rentals, whole: true);
            return _leaves.Hash(table, tenant, keyring, hasher, leaves);
        }
        catch (Exception failure) when (SealedTable.IsDamage(failure))
        {
            throw SealedTable.Damage(firstSeq, failure);
        }
    }

    /// <summary>
    /// The events from <paramref name="from"/> up to before <paramref name="to"/> that may have a needle. Each is put together when it is asked for, and the pieces of text that it takes
    /// are opened then: what is never asked for costs little, and damage to it is not seen. The payload must not change as long as the list is used; by one thread at a time. Dispose it when
    /// its events are no longer asked for; those that it gave stay.
    /// </summary>
    /// <param name="payload">What the encoder made.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="keyring">Where its keys are.</param>
    /// <param name="firstSeq">Seq of the block's first event; the header must say the same.</param>
    /// <param name="needles">What to look for.</param>
    /// <param name="from">Least seq.</param>
    /// <param name="to">One past the greatest seq.</param>
    /// <exception cref="JournalCorruptException">Anything that was read is not as an encoder wrote it; also when an event is asked for later.</exception>
    public SealedSelection Select(ReadOnlyMemory<byte> payload, TenantId tenant, ITenantKeyring keyring, long firstSeq, RowNeedles needles, long from, long to)
    {
        ArgumentNullException.ThrowIfNull(needles);
        var rentals = new Rentals();
        try
        {
            return new SealedSelection(Read(payload, tenant, keyring, firstSeq, rentals, whole: false), needles, from, to, rentals);
        }
        catch (Exception failure)
        {
            rentals.Dispose();
            if (SealedTable.IsDamage(failure))
            {
                throw SealedTable.Damage(firstSeq, failure);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    private SealedTable Read(ReadOnlyMemory<byte> payload, TenantId tenant, ITenantKeyring keyring, long firstSeq, Rentals rentals, bool whole)
    {
        SealedHeader header = SealedHeader.Read(payload.Span, firstSeq);
        TenantKeys keys = keyring.Find(tenant, header.KeyId)
            ?? throw new JournalCorruptException(JournalFault.KeyMissing, firstSeq, SealedHeader.SizeBytes, $"key {header.KeyId} of tenant {tenant} is not in the key ring");
        _cipher.Use(keys);
        StoredFrame[] frames = Frames(payload, header);
        var columns = new Dictionary<int, DecodedColumn>();
        List<DecodedColumn> texts = [];
        var reader = new FrameReader(Open(payload, frames, SealedFrame.Rest, header, tenant, rentals), firstSeq, rentals);
        List<long[]> streams = [];
        int recordBytes = reader.ReadCount();
        ImmutableArray<NonceRange> ranges = ReadRanges(ref reader, streams);
        ShapeSteps shapes = ShapeSteps.Read(ref reader, streams);
        ReadColumns(ref reader, streams, columns, texts);
        foreach (SealedFrame frame in (ReadOnlySpan<SealedFrame>)[SealedFrame.Ids, SealedFrame.Names])
        {
            var one = new FrameReader(Open(payload, frames, frame, header, tenant, rentals), firstSeq, rentals);
            ReadColumns(ref one, [], columns, texts);
        }

        TextPieces? pieces = null;
        ref readonly StoredFrame text = ref frames[(int)SealedFrame.Text];
        if (text.Codec == FrameCodec.Pieces)
        {
            if (texts.Sum(t => (long)t.StoredLength) != text.RawLength)
            {
                throw reader.Fail($"texts do not add up to the {text.RawLength} bytes of their frame");
            }

            pieces = new TextPieces(payload[..SealedHeader.SizeBytes], text.Stored, text.RawLength, firstSeq, keys, rentals);
            if (whole)
            {
                ReadOnlyMemory<byte> content = pieces.ReadAll(_cipher);
                texts.ForEach(column => column.Place(content));
            }
            else
            {
                texts.ForEach(column => column.Place(pieces));
            }
        }
        else
        {
            // As blocks were written before texts lay in pieces: columns like those of the other frames.
            var one = new FrameReader(Open(payload, frames, SealedFrame.Text, header, tenant, rentals), firstSeq, rentals);
            ReadColumns(ref one, [], columns, texts);
            if (texts.Count > 0)
            {
                throw one.Fail("texts without a frame of pieces");
            }
        }

        if (whole)
        {
            foreach (DecodedColumn column in columns.Values)
            {
                column.WriteOut(rentals);
            }
        }

        return new SealedTable(header, columns, shapes.Link(columns), recordBytes, ranges) { Pieces = pieces };
    }

    private static StoredFrame[] Frames(ReadOnlyMemory<byte> payload, SealedHeader header)
    {
        var frames = new StoredFrame[SealedHeader.FrameCount];
        int at = SealedHeader.SizeBytes;
        for (int i = 0; i < frames.Length; i++)
        {
            ReadOnlySpan<byte> entry = payload.Span.Slice(SealedHeader.FramesOffset + (i * SealedHeader.FrameEntrySizeBytes), SealedHeader.FrameEntrySizeBytes);
            var codec = (FrameCodec)entry[0];
            int rawLength = BinaryPrimitives.ReadInt32BigEndian(entry[4..]), storedLength = BinaryPrimitives.ReadInt32BigEndian(entry[8..]);
            bool pieces = codec == FrameCodec.Pieces && i == (int)SealedFrame.Text;
            if ((codec > FrameCodec.Brotli && !pieces) || rawLength is < 0 or > SealedHeader.MaxRawLength || storedLength < 0
                || (!pieces && (storedLength > rawLength || (codec == FrameCodec.None && storedLength != rawLength))))
            {
                throw new JournalCorruptException(JournalFault.Format, header.FirstSeq, at, $"frame {i}: codec {entry[0]}, raw length {rawLength}, stored length {storedLength}");
            }

            long end = (long)at + storedLength + (pieces ? 0 : SegmentHeader.TagSizeBytes);
            if (end > payload.Length || (i == frames.Length - 1 && end != payload.Length))
            {
                throw new JournalCorruptException(JournalFault.Truncated, header.FirstSeq, at, $"frame {i} ends at byte {end} of {payload.Length}");
            }

            frames[i] = new StoredFrame(codec, rawLength, payload[at..(int)end], at);
            at = (int)end;
        }

        return frames;
    }

    private ReadOnlyMemory<byte> Open(ReadOnlyMemory<byte> payload, StoredFrame[] frames, SealedFrame which, SealedHeader header, TenantId tenant, Rentals rentals)
    {
        StoredFrame frame = frames[(int)which];
        Span<byte> authenticated = stackalloc byte[SealedHeader.SizeBytes + 1];
        payload.Span[..SealedHeader.SizeBytes].CopyTo(authenticated);
        authenticated[^1] = (byte)which;
        Memory<byte> content = rentals.Bytes(frame.RawLength).AsMemory(0, frame.RawLength);
        ReadOnlySpan<byte> nonce = authenticated.Slice(SealedHeader.FramesOffset + ((int)which * SealedHeader.FrameEntrySizeBytes) + SealedHeader.NonceInEntry, SegmentNonce.SizeBytes);
        return _cipher.Decrypt(nonce, frame.Stored.Span, authenticated, frame.Codec, content.Span) is { } fault
            ? throw new JournalCorruptException(fault, header.FirstSeq, frame.At, fault == JournalFault.Authentication
                ? $"authentication of frame {(int)which} failed under key {header.KeyId} of tenant {tenant}: bytes were changed, or another key wrote them"
                : $"frame {(int)which} does not decompress to {frame.RawLength} bytes")
            : content;
    }

    private static ImmutableArray<NonceRange> ReadRanges(ref FrameReader reader, List<long[]> streams)
    {
        int count = reader.ReadCount();
        long[] keys = NumberCodec.Read(ref reader, count, streams), firsts = NumberCodec.Read(ref reader, count, streams), counts = NumberCodec.Read(ref reader, count, streams);
        var ranges = ImmutableArray.CreateBuilder<NonceRange>(count);
        for (int i = 0; i < count; i++)
        {
            ranges.Add(new NonceRange(checked((uint)keys[i]), SegmentNonce.Read(reader.ReadSpan(SegmentNonce.SizeBytes)), checked((int)firsts[i]), checked((int)counts[i])));
        }

        return ranges.DrainToImmutable();
    }

    private static void ReadColumns(ref FrameReader reader, List<long[]> streams, Dictionary<int, DecodedColumn> columns, List<DecodedColumn> texts)
    {
        while (!reader.AtEnd)
        {
            int id = reader.ReadCount();
            int count = reader.ReadCount();
            DecodedColumn column;
            switch (reader.PeekByte())
            {
                case SealedColumnId.NumberForm:
                    reader.ReadByte();
                    column = DecodedColumn.OfNumbers(NumberCodec.Read(ref reader, count, streams));
                    break;
                case SealedColumnId.DoubleForm:
                    reader.ReadByte();
                    int scale = reader.ReadByte();
                    long[] numbers = reader.Rentals.Numbers(count);
                    NumberCodec.Read(ref reader, count, streams).CopyTo(numbers, 0); // the stream itself may be needed by others
                    for (int i = 0; i < numbers.Length; i++)
                    {
                        numbers[i] = DoubleForm.Bits(numbers[i], scale);
                    }

                    column = DecodedColumn.OfNumbers(numbers);
                    break;
                case SealedColumnId.TextFrameForm:
                    reader.ReadByte();
                    long[] lengths = NumberCodec.Read(ref reader, count, streams);
                    TextCodec.CheckLengths(lengths, ref reader);
                    int offset = checked((int)texts.Sum(t => (long)t.StoredLength));
                    column = DecodedColumn.InTextFrame(offset, lengths, ByteSet.Read(reader.ReadSpan(ByteSet.SizeBytes)), ByteSet.Read(reader.ReadSpan(ByteSet.SizeBytes)), reader.Rentals);
                    texts.Add(column);
                    break;
                default:
                    column = TextCodec.Read(ref reader, count, streams);
                    break;
            }

            if (!columns.TryAdd(id, column))
            {
                throw reader.Fail($"column {id} twice");
            }
        }
    }

    private readonly record struct StoredFrame(FrameCodec Codec, int RawLength, ReadOnlyMemory<byte> Stored, int At);
}
