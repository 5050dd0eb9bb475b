using System.Buffers.Binary;

namespace Muniment.Events.Blocks;

/// <summary>
/// The clear header of a segment, 32 bytes, big-endian, authenticated as AAD:
/// <c>u8 format = 1 ‖ u8 codec ‖ u16 event count ‖ u32 key id ‖ 12 bytes nonce ‖ u32 zero ‖ u32 raw length ‖ u32 stored length</c>, followed by
/// stored length bytes of ciphertext and a 16-byte tag.
/// </summary>
/// <param name="Codec">How the content is compressed.</param>
/// <param name="Count">Events.</param>
/// <param name="KeyId">Number of the tenant's root key.</param>
/// <param name="Nonce">GCM nonce and seed of the salts.</param>
/// <param name="RawLength">Length of the content before compression.</param>
/// <param name="StoredLength">Length of the ciphertext.</param>
public readonly record struct SegmentHeader(FrameCodec Codec, int Count, uint KeyId, SegmentNonce Nonce, int RawLength, int StoredLength)
{
    /// <summary>Length of the header in bytes.</summary>
    public const int SizeBytes = 32;

    internal const int NonceOffset = 8;

    /// <summary>Length of the authentication tag in bytes.</summary>
    public const int TagSizeBytes = 16;

    /// <summary>Greatest raw length: far above what an encoder makes, so that a damaged header cannot ask for all memory.</summary>
    public const int MaxRawLength = 128 * 1024 * 1024;

    /// <summary>Header, ciphertext and tag.</summary>
    public int TotalLength => SizeBytes + StoredLength + TagSizeBytes;

    /// <summary>Reads and checks a header against the bytes that follow it.</summary>
    /// <param name="payload">From the header on.</param>
    /// <param name="firstSeq">For the message of a failure.</param>
    /// <param name="offset">For the message of a failure.</param>
    /// <exception cref="JournalCorruptException">Not a header, or the payload is shorter than it says.</exception>
    public static SegmentHeader Read(ReadOnlySpan<byte> payload, long firstSeq = 0, int offset = 0)
    {
        if (payload.Length < SizeBytes + TagSizeBytes)
        {
            throw new JournalCorruptException(JournalFault.Truncated, firstSeq, offset, $"{payload.Length} bytes left, a segment has at least {SizeBytes + TagSizeBytes}");
        }

        if (payload[0] != FrameFormat.Segment || (FrameCodec)payload[1] is not (FrameCodec.None or FrameCodec.Brotli or FrameCodec.Lz4))
        {
            throw new JournalCorruptException(JournalFault.Format, firstSeq, offset, $"format {payload[0]} with codec {payload[1]} is unknown");
        }

        var header = new SegmentHeader(
            (FrameCodec)payload[1],
            BinaryPrimitives.ReadUInt16BigEndian(payload[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(payload[4..]),
            SegmentNonce.Read(payload[8..]),
            BinaryPrimitives.ReadInt32BigEndian(payload[24..]),
            BinaryPrimitives.ReadInt32BigEndian(payload[28..]));
        if (header.Count is 0 or > Segment.MaxEvents || (uint)header.RawLength > MaxRawLength || BinaryPrimitives.ReadUInt32BigEndian(payload[20..]) != 0
            || header.StoredLength < 0 || header.StoredLength > header.RawLength || (header.Codec == FrameCodec.None && header.StoredLength != header.RawLength))
        {
            throw new JournalCorruptException(
                JournalFault.Format, firstSeq, offset, $"impossible header: {header.Count} events, raw length {header.RawLength}, stored length {header.StoredLength}");
        }

        if (header.StoredLength > payload.Length - SizeBytes - TagSizeBytes)
        {
            throw new JournalCorruptException(
                JournalFault.Truncated, firstSeq, offset, $"the segment has {header.TotalLength} bytes, only {payload.Length} are left");
        }

        return header;
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void Write(Span<byte> target)
    {
        target[0] = FrameFormat.Segment;
        target[1] = (byte)Codec;
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)Count);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], KeyId);
        Nonce.Write(target[8..]);
        BinaryPrimitives.WriteUInt32BigEndian(target[20..], 0);
        BinaryPrimitives.WriteInt32BigEndian(target[24..], RawLength);
        BinaryPrimitives.WriteInt32BigEndian(target[28..], StoredLength);
    }
}
