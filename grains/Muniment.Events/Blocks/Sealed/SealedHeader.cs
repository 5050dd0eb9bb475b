using System.Buffers.Binary;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// The clear header of a sealed block, 128 bytes, big-endian: <c>u8 format = 2 ‖ u8 zero ‖ u16 event count ‖ u32 key id ‖ i64 first seq ‖ i64 least ts ‖ i64 greatest ts</c>, then for
/// each of the four frames <c>u8 codec ‖ 3 zero ‖ u32 raw length ‖ u32 stored length ‖ 12 bytes nonce</c>. Frames follow in order, each stored length bytes of ciphertext and a tag.
/// AAD of a frame: the 128 bytes, then its number as one byte.
/// </summary>
/// <param name="Count">Events.</param>
/// <param name="KeyId">Number of the tenant's root key.</param>
/// <param name="FirstSeq">Seq of the first event.</param>
/// <param name="MinTimeNs">Least <c>ts</c> (a bound, Unix ns).</param>
/// <param name="MaxTimeNs">Greatest <c>ts</c> (a bound, Unix ns).</param>
public readonly record struct SealedHeader(int Count, uint KeyId, long FirstSeq, long MinTimeNs, long MaxTimeNs)
{
    /// <summary>Length of the header in bytes.</summary>
    public const int SizeBytes = 128;

    /// <summary>Most bytes of records, and of one frame before compression. Commit rows that compress well can hold much more than their size tells.</summary>
    public const int MaxRawLength = 1024 * 1024 * 1024;

    /// <summary>Number of frames.</summary>
    public const int FrameCount = 4;

    internal const int FramesOffset = 32;
    internal const int FrameEntrySizeBytes = 24;
    internal const int NonceInEntry = 12;

    /// <summary>Reads and checks the header.</summary>
    /// <exception cref="JournalCorruptException">Not a sealed block.</exception>
    public static SealedHeader Read(ReadOnlySpan<byte> payload, long firstSeq)
    {
        if (payload.Length < SizeBytes)
        {
            throw new JournalCorruptException(JournalFault.Truncated, firstSeq, 0, $"{payload.Length} bytes, a sealed block has at least {SizeBytes}");
        }

        if (payload[0] != FrameFormat.Sealed || payload[1] != 0)
        {
            throw new JournalCorruptException(JournalFault.Format, firstSeq, 0, $"format {payload[0]}.{payload[1]} is unknown");
        }

        var header = new SealedHeader(
            BinaryPrimitives.ReadUInt16BigEndian(payload[2..]),
            BinaryPrimitives.ReadUInt32BigEndian(payload[4..]),
            BinaryPrimitives.ReadInt64BigEndian(payload[8..]),
            BinaryPrimitives.ReadInt64BigEndian(payload[16..]),
            BinaryPrimitives.ReadInt64BigEndian(payload[24..]));
        return header.Count is > 0 and <= Segment.MaxEvents && header.FirstSeq == firstSeq
            ? header
            : throw new JournalCorruptException(JournalFault.Format, firstSeq, 0, $"impossible header: {header.Count} events from seq {header.FirstSeq}");
    }

    /// <summary>Writes the fields before the frames' entries.</summary>
    internal void Write(Span<byte> target)
    {
        target[..SizeBytes].Clear();
        target[0] = FrameFormat.Sealed;
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)Count);
        BinaryPrimitives.WriteUInt32BigEndian(target[4..], KeyId);
        BinaryPrimitives.WriteInt64BigEndian(target[8..], FirstSeq);
        BinaryPrimitives.WriteInt64BigEndian(target[16..], MinTimeNs);
        BinaryPrimitives.WriteInt64BigEndian(target[24..], MaxTimeNs);
    }
}
