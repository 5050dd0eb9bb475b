using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Muniment.Events.Keys;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>Reads sealed blocks. Strict: every byte must be accounted for. Used by one thread at a time.</summary>
public sealed class SealedBlockDecoder : IDisposable
{
    private readonly FrameCipher _cipher = new();

    /// <summary>Whether a payload is a sealed block rather than segments.</summary>
    public static bool IsSealed(ReadOnlySpan<byte> payload) => !payload.IsEmpty && payload[0] == FrameFormat.Sealed;

    /// <summary>Decodes the whole block; each event comes out byte for byte as it went in.</summary>
    /// <param name="payload">What the encoder made.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="keyring">Where its keys are.</param>
    /// <param name="firstSeq">Seq of the first event; the header must say the same.</param>
    /// <exception cref="JournalCorruptException">Anything is not as an encoder wrote it.</exception>
    public DecodedBlock Decode(ReadOnlySpan<byte> payload, TenantId tenant, ITenantKeyring keyring, long firstSeq) => Decode(payload, tenant, keyring, firstSeq, null);

    /// <summary>
    /// Decodes the events that may have a needle, all when there are none to look for. All frames are opened and checked; events left out are not put together. What is left has no
    /// ranges, because those count all events.
    /// </summary>
    /// <param name="payload">What the encoder made.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="keyring">Where its keys are.</param>
    /// <param name="firstSeq">Seq of the block's first event; the header must say the same.</param>
    /// <param name="needles">What to look for, or null.</param>
    /// <exception cref="JournalCorruptException">Anything is not as an encoder wrote it.</exception>
    public DecodedBlock Decode(ReadOnlySpan<byte> payload, TenantId tenant, ITenantKeyring keyring, long firstSeq, RowNeedles? needles)
    {
        SealedHeader header = SealedHeader.Read(payload, firstSeq);
        var columns = new Dictionary<int, DecodedColumn>();
        try
        {
            byte[] rest = Open(payload, header, SealedFrame.Rest, tenant, keyring);
            var reader = new FrameReader(rest, firstSeq);
            List<long[]> streams = [];
            int recordBytes = reader.ReadCount();
            ImmutableArray<NonceRange> ranges = ReadRanges(ref reader, streams);
            ShapeSteps shapes = ShapeSteps.Read(ref reader, streams);
            ReadColumns(ref reader, streams, columns);
            foreach (SealedFrame frame in (ReadOnlySpan<SealedFrame>)[SealedFrame.Ids, SealedFrame.Names, SealedFrame.Text])
            {
                var one = new FrameReader(Open(payload, header, frame, tenant, keyring), firstSeq);
                ReadColumns(ref one, [], columns);
            }

            if (needles is { MayBeNumber: false })
            {
                return new DecodedBlock(firstSeq, [.. SealedRows.Write(header, columns, shapes.Link(columns), recordBytes, needles)], []);
            }

            StoredEvent[] events = SealedRows.Write(header, columns, shapes.Link(columns), recordBytes);
            return new DecodedBlock(firstSeq, ImmutableCollectionsMarshal.AsImmutableArray(events), ranges);
        }
        catch (Exception failure) when (failure is ArgumentException or IndexOutOfRangeException or KeyNotFoundException or OverflowException)
        {
            // Authenticated bytes that do not decode are a fault of the program that wrote them.
            throw new JournalCorruptException(JournalFault.Content, firstSeq, 0, $"the sealed block does not decode: {failure.Message}");
        }
    }

    /// <summary>
    /// Whether a value stands in the block's id and name columns as it is or as hex of its bytes; opens only those two frames. False says that no event carries it as a short value of
    /// its own: it may still be part of a longer text, of an envelope, a resource or a record that was kept whole.
    /// </summary>
    public bool HasValue(ReadOnlySpan<byte> payload, TenantId tenant, ITenantKeyring keyring, long firstSeq, ReadOnlySpan<byte> value)
    {
        SealedHeader header = SealedHeader.Read(payload, firstSeq);
        Span<byte> packed = stackalloc byte[64];
        ReadOnlySpan<byte> binary = value.Length <= 128 && TextForms.TryHex(value, packed) ? packed[..(value.Length / 2)] : value;
        foreach (SealedFrame frame in (ReadOnlySpan<SealedFrame>)[SealedFrame.Names, SealedFrame.Ids])
        {
            var columns = new Dictionary<int, DecodedColumn>();
            var reader = new FrameReader(Open(payload, header, frame, tenant, keyring), firstSeq);
            ReadColumns(ref reader, [], columns);
            foreach (DecodedColumn column in columns.Values)
            {
                for (int i = 0; i < column.Entries; i++)
                {
                    ReadOnlySpan<byte> entry = column.Entry(i).Span;
                    if (entry.SequenceEqual(value) || entry.SequenceEqual(binary))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    private byte[] Open(ReadOnlySpan<byte> payload, SealedHeader header, SealedFrame frame, TenantId tenant, ITenantKeyring keyring)
    {
        int at = SealedHeader.SizeBytes;
        for (int i = 0; ; i++)
        {
            ReadOnlySpan<byte> entry = payload.Slice(SealedHeader.FramesOffset + (i * SealedHeader.FrameEntrySizeBytes), SealedHeader.FrameEntrySizeBytes);
            int rawLength = BinaryPrimitives.ReadInt32BigEndian(entry[4..]), storedLength = BinaryPrimitives.ReadInt32BigEndian(entry[8..]);
            if (entry[0] > (byte)FrameCodec.Brotli || rawLength is < 0 or > SealedHeader.MaxRawLength || storedLength < 0 || storedLength > rawLength
                || (entry[0] == (byte)FrameCodec.None && storedLength != rawLength))
            {
                throw new JournalCorruptException(JournalFault.Format, header.FirstSeq, at, $"frame {i}: codec {entry[0]}, raw length {rawLength}, stored length {storedLength}");
            }

            int end = at + storedLength + SegmentHeader.TagSizeBytes;
            if (end > payload.Length || (i == SealedHeader.FrameCount - 1 && end != payload.Length))
            {
                throw new JournalCorruptException(JournalFault.Truncated, header.FirstSeq, at, $"frame {i} ends at byte {end} of {payload.Length}");
            }

            if (i == (int)frame)
            {
                return Open(payload[..SealedHeader.SizeBytes], payload[at..end], (byte)i, (FrameCodec)entry[0], rawLength, header, tenant, keyring, at);
            }

            at = end;
        }
    }

    private byte[] Open(
        ReadOnlySpan<byte> clear, ReadOnlySpan<byte> stored, byte frame, FrameCodec codec, int rawLength, SealedHeader header, TenantId tenant, ITenantKeyring keyring, int at)
    {
        TenantKeys keys = keyring.Find(tenant, header.KeyId)
            ?? throw new JournalCorruptException(JournalFault.KeyMissing, header.FirstSeq, at, $"key {header.KeyId} of tenant {tenant} is not in the key ring");
        _cipher.Use(keys);
        Span<byte> authenticated = stackalloc byte[SealedHeader.SizeBytes + 1];
        clear.CopyTo(authenticated);
        authenticated[^1] = frame;
        byte[] content = GC.AllocateUninitializedArray<byte>(rawLength);
        ReadOnlySpan<byte> nonce = clear.Slice(SealedHeader.FramesOffset + (frame * SealedHeader.FrameEntrySizeBytes) + SealedHeader.NonceInEntry, SegmentNonce.SizeBytes);
        return _cipher.Decrypt(nonce, stored, authenticated, codec, content) is { } fault
            ? throw new JournalCorruptException(fault, header.FirstSeq, at, fault == JournalFault.Authentication
                ? $"authentication of frame {frame} failed under key {header.KeyId} of tenant {tenant}: bytes were changed, or another key wrote them"
                : $"frame {frame} does not decompress to {rawLength} bytes")
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

    private static void ReadColumns(ref FrameReader reader, List<long[]> streams, Dictionary<int, DecodedColumn> columns)
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
                    long[] numbers = [.. NumberCodec.Read(ref reader, count, streams)];
                    for (int i = 0; i < numbers.Length; i++)
                    {
                        numbers[i] = DoubleForm.Bits(numbers[i], scale);
                    }

                    column = DecodedColumn.OfNumbers(numbers);
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
}
