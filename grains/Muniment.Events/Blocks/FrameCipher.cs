using System.IO.Compression;
using System.Security.Cryptography;
using Muniment.Events.Keys;

namespace Muniment.Events.Blocks;

/// <summary>Compresses, then encrypts with AES-256-GCM under a tenant's block key. Owned by one thread at a time; keeps the cipher of the last keys.</summary>
internal sealed class FrameCipher : IDisposable
{
    /// <summary>Contents smaller than this are not compressed.</summary>
    public const int MinCompressedSizeBytes = 4096;

    /// <summary>Segments of this size and more are compressed by LZ4. Below it there is little to win, and a row may wait long before it is sealed.</summary>
    public const int MinLz4SizeBytes = 64 * 1024;

    private const int Quality = 1;
    private const int WindowBits = 20;
    private const int LeastSaving = 24;
    private const int KeepSizeBytes = 8 * 1024 * 1024;

    private TenantKeys? _keys;
    private AesGcm? _cipher;
    private Aes? _salts;
    private byte[] _compressed = [];
    private int[]? _places;

    /// <summary>The cipher of salts under the current keys.</summary>
    public Aes Salts
    {
        get
        {
            if (_salts is null)
            {
                _salts = Aes.Create();
                _salts.SetKey((_keys ?? throw new InvalidOperationException("no keys yet")).SaltKey.Span);
            }

            return _salts;
        }
    }

    /// <summary>Chooses the keys.</summary>
    public void Use(TenantKeys keys)
    {
        if (!ReferenceEquals(keys, _keys))
        {
            Dispose();
            _cipher = new AesGcm(keys.BlockKey.Span, SegmentHeader.TagSizeBytes);
            _keys = keys;
        }
    }

    /// <summary>The content as it will be stored: compressed where that makes it smaller. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> content, int minSizeBytes, out FrameCodec codec) => Compress(content, minSizeBytes, int.MaxValue, out codec);

    /// <summary>The same, by LZ4 from a size on.</summary>
    public ReadOnlySpan<byte> Compress(ReadOnlySpan<byte> content, int minSizeBytes, int minLz4SizeBytes, out FrameCodec codec)
    {
        codec = FrameCodec.None;
        if (content.Length < minSizeBytes)
        {
            return content;
        }

        int room = Lz4.MaxCompressedSize(content.Length);
        if (_compressed.Length < room || _compressed.Length > Math.Max(KeepSizeBytes, room))
        {
            _compressed = new byte[Math.Max(room, 256 * 1024)];
        }

        if (content.Length >= minLz4SizeBytes)
        {
            int length = Lz4.Compress(content, _compressed, _places ??= Lz4.NewTable());
            codec = length < content.Length ? FrameCodec.Lz4 : FrameCodec.None;
            return length < content.Length ? _compressed.AsSpan(0, length) : content;
        }

        // Room for the content's own size only: what hardly becomes smaller (ids do not) is stored as it is, because every reader would pay for it.
        if (!BrotliEncoder.TryCompress(content, _compressed.AsSpan(0, content.Length), out int written, Quality, WindowBits) || written > content.Length - (content.Length / LeastSaving))
        {
            return content;
        }

        codec = FrameCodec.Brotli;
        return _compressed.AsSpan(0, written);
    }

    /// <summary>Encrypts into <paramref name="target"/>: as many bytes as <paramref name="content"/>, then the tag.</summary>
    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> content, ReadOnlySpan<byte> header, Span<byte> target) =>
        _cipher!.Encrypt(nonce, content, target[..content.Length], target.Slice(content.Length, SegmentHeader.TagSizeBytes), header);

    /// <summary>Decrypts and decompresses a frame.</summary>
    /// <param name="nonce">12 bytes.</param>
    /// <param name="stored">Ciphertext and tag.</param>
    /// <param name="header">Authenticated bytes.</param>
    /// <param name="codec">How it was compressed.</param>
    /// <param name="content">Exactly the length before compression.</param>
    /// <returns>Null, or what is wrong.</returns>
    public JournalFault? Decrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> stored, ReadOnlySpan<byte> header, FrameCodec codec, Span<byte> content)
    {
        ReadOnlySpan<byte> ciphertext = stored[..^SegmentHeader.TagSizeBytes];
        Span<byte> clear = content;
        if (codec != FrameCodec.None)
        {
            if (_compressed.Length < ciphertext.Length)
            {
                _compressed = new byte[Math.Max(ciphertext.Length, 64 * 1024)];
            }

            clear = _compressed.AsSpan(0, ciphertext.Length);
        }

        try
        {
            _cipher!.Decrypt(nonce, ciphertext, stored[^SegmentHeader.TagSizeBytes..], clear, header);
        }
        catch (AuthenticationTagMismatchException)
        {
            return JournalFault.Authentication;
        }

        if (codec == FrameCodec.Lz4)
        {
            return Lz4.TryDecompress(clear, content) ? null : JournalFault.Content;
        }

        return codec == FrameCodec.None || (BrotliDecoder.TryDecompress(clear, content, out int written) && written == content.Length) ? null : JournalFault.Content;
    }

    public void Dispose()
    {
        _cipher?.Dispose();
        _salts?.Dispose();
        _cipher = null;
        _salts = null;
        _keys = null;
    }
}
