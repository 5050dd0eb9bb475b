using System.Buffers.Binary;
using System.Security.Cryptography;
using Muniment.Events.Keys;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// The text frame, cut into pieces of <see cref="PieceSizeBytes"/> that are compressed and encrypted each by itself, so that a look-up opens only those with the texts of its
/// rows. The stored frame is an entry for each piece (<c>u8 codec ‖ 3 zero ‖ u32 raw length ‖ u32 stored length ‖ 12 bytes nonce</c>), then the pieces, each stored length bytes of
/// ciphertext and a tag. AAD of a piece: the block's header, the frame's number, u32 number of the piece, its entry. Used by one thread at a time.
/// </summary>
internal sealed class TextPieces : IDisposable
{
    /// <summary>Raw bytes of all pieces but the last.</summary>
    public const int PieceSizeBytes = 128 * 1024;

    private const int EntrySizeBytes = SealedHeader.FrameEntrySizeBytes;
    private const int BoundSizeBytes = SealedHeader.SizeBytes + 1 + 4 + EntrySizeBytes;

    private readonly ReadOnlyMemory<byte> _clear;
    private readonly ReadOnlyMemory<byte> _frame;
    private readonly long _blockSeq;
    private readonly TenantKeys _keys;
    private readonly int[] _starts;
    private readonly byte[]?[] _opened;
    private readonly Rentals _rentals;
    private FrameCipher? _cipher;

    /// <summary>Checks the entries; opens nothing.</summary>
    /// <exception cref="JournalCorruptException">Entries that no writer makes.</exception>
    public TextPieces(ReadOnlyMemory<byte> clear, ReadOnlyMemory<byte> frame, int rawLength, long blockSeq, TenantKeys keys, Rentals rentals)
    {
        (_clear, _frame, RawLength, _blockSeq, _keys, _rentals) = (clear, frame, rawLength, blockSeq, keys, rentals);
        int count = (rawLength + PieceSizeBytes - 1) / PieceSizeBytes;
        long at = (long)count * EntrySizeBytes;
        _starts = new int[count];
        _opened = new byte[]?[count];
        for (int i = 0; i < count; i++)
        {
            if (at > frame.Length)
            {
                throw Fail(JournalFault.Truncated, i, "its entry is not there");
            }

            (FrameCodec codec, int raw, int stored) = Entry(i);
            if (codec > FrameCodec.Brotli || raw != Math.Min(PieceSizeBytes, rawLength - (i * PieceSizeBytes)) || stored < 0 || stored > raw || (codec == FrameCodec.None && stored != raw))
            {
                throw Fail(JournalFault.Format, i, $"codec {(byte)codec}, raw length {raw}, stored length {stored}");
            }

            _starts[i] = (int)at;
            at += stored + SegmentHeader.TagSizeBytes;
        }

        if (at != frame.Length)
        {
            throw Fail(JournalFault.Truncated, count, $"the pieces end at byte {at} of {frame.Length}");
        }
    }

    /// <summary>Bytes of all pieces.</summary>
    public int RawLength { get; }

    /// <summary>Cuts a frame and compresses the pieces, one after the other.</summary>
    public static void Compress(ReadOnlySpan<byte> content, FrameCipher cipher, GrowingBuffer target, List<Piece> pieces)
    {
        while (content.Length > 0)
        {
            ReadOnlySpan<byte> raw = content[..Math.Min(PieceSizeBytes, content.Length)];
            ReadOnlySpan<byte> stored = cipher.Compress(raw, 0, out FrameCodec codec);
            target.Write(stored);
            pieces.Add(new Piece(codec, raw.Length, stored.Length));
            content = content[raw.Length..];
        }
    }

    /// <summary>Length of the stored frame.</summary>
    public static int StoredLength(List<Piece> pieces)
    {
        int length = 0;
        foreach (Piece piece in pieces)
        {
            length += EntrySizeBytes + piece.StoredLength + SegmentHeader.TagSizeBytes;
        }

        return length;
    }

    /// <summary>Encrypts the pieces under the block's finished header.</summary>
    public static void Seal(ReadOnlySpan<byte> clear, ReadOnlySpan<byte> stored, List<Piece> pieces, FrameCipher cipher, Span<byte> target)
    {
        Span<byte> bound = stackalloc byte[BoundSizeBytes];
        int at = pieces.Count * EntrySizeBytes;
        for (int i = 0; i < pieces.Count; i++)
        {
            Piece piece = pieces[i];
            Span<byte> entry = target.Slice(i * EntrySizeBytes, EntrySizeBytes);
            entry.Clear();
            entry[0] = (byte)piece.Codec;
            BinaryPrimitives.WriteInt32BigEndian(entry[4..], piece.RawLength);
            BinaryPrimitives.WriteInt32BigEndian(entry[8..], piece.StoredLength);
            RandomNumberGenerator.Fill(entry[SealedHeader.NonceInEntry..]);
            Bind(clear, i, entry, bound);
            cipher.Encrypt(entry[SealedHeader.NonceInEntry..], stored[..piece.StoredLength], bound, target[at..]);
            stored = stored[piece.StoredLength..];
            at += piece.StoredLength + SegmentHeader.TagSizeBytes;
        }
    }

    /// <summary>All of it.</summary>
    public ReadOnlyMemory<byte> ReadAll(FrameCipher cipher)
    {
        byte[] content = _rentals.Bytes(RawLength);
        for (int i = 0; i < _starts.Length; i++)
        {
            Open(i, content.AsSpan(i * PieceSizeBytes, Entry(i).Raw), cipher);
        }

        return content.AsMemory(0, RawLength);
    }

    /// <summary>Copies bytes, opening the pieces that hold them.</summary>
    public void Read(int at, Span<byte> target)
    {
        while (target.Length > 0)
        {
            int piece = at / PieceSizeBytes, within = at % PieceSizeBytes;
            ReadOnlySpan<byte> content = (_opened[piece] ??= Open(piece)).AsSpan(within, Entry(piece).Raw - within);
            int taken = Math.Min(content.Length, target.Length);
            content[..taken].CopyTo(target);
            target = target[taken..];
            at += taken;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher?.Dispose();

    private byte[] Open(int piece)
    {
        byte[] content = _rentals.Bytes(Entry(piece).Raw);
        _cipher ??= new FrameCipher();
        _cipher.Use(_keys);
        Open(piece, content.AsSpan(0, Entry(piece).Raw), _cipher);
        return content;
    }

    private void Open(int piece, Span<byte> target, FrameCipher cipher)
    {
        (FrameCodec codec, _, int stored) = Entry(piece);
        ReadOnlySpan<byte> entry = _frame.Span.Slice(piece * EntrySizeBytes, EntrySizeBytes);
        Span<byte> bound = stackalloc byte[BoundSizeBytes];
        Bind(_clear.Span, piece, entry, bound);
        if (cipher.Decrypt(entry[SealedHeader.NonceInEntry..], _frame.Span.Slice(_starts[piece], stored + SegmentHeader.TagSizeBytes), bound, codec, target) is { } fault)
        {
            throw Fail(fault, piece, fault == JournalFault.Authentication
                ? $"authentication failed under key {_keys.KeyId}: bytes were changed, or another key wrote them"
                : $"it does not decompress to {target.Length} bytes");
        }
    }

    private (FrameCodec Codec, int Raw, int Stored) Entry(int piece)
    {
        ReadOnlySpan<byte> entry = _frame.Span.Slice(piece * EntrySizeBytes, EntrySizeBytes);
        return ((FrameCodec)entry[0], BinaryPrimitives.ReadInt32BigEndian(entry[4..]), BinaryPrimitives.ReadInt32BigEndian(entry[8..]));
    }

    private JournalCorruptException Fail(JournalFault fault, int piece, string detail) =>
        new(fault, _blockSeq, SealedHeader.SizeBytes, $"piece {piece} of the text frame: {detail}");

    private static void Bind(ReadOnlySpan<byte> clear, int piece, ReadOnlySpan<byte> entry, Span<byte> bound)
    {
        clear[..SealedHeader.SizeBytes].CopyTo(bound);
        bound[SealedHeader.SizeBytes] = (byte)SealedFrame.Text;
        BinaryPrimitives.WriteInt32BigEndian(bound[(SealedHeader.SizeBytes + 1)..], piece);
        entry.CopyTo(bound[(SealedHeader.SizeBytes + 5)..]);
    }

    /// <summary>A compressed piece.</summary>
    internal readonly record struct Piece(FrameCodec Codec, int RawLength, int StoredLength);
}
