using System.Buffers.Binary;
using System.Security.Cryptography;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Keys;

namespace Muniment.Journal.Index;

/// <summary>
/// Encrypts index pages and bloom filters: <c>u8 format ‖ u32BE key id ‖ 12 bytes nonce ‖ ciphertext ‖ 16 bytes tag</c>, AES-256-GCM under the tenant's block
/// key. AAD is the first five bytes and the place (two u64BE), so that a page cannot stand in for another one.
/// </summary>
internal static class PageCipher
{
    public const int OverheadBytes = HeaderSizeBytes + NonceSizeBytes + TagSizeBytes;

    private const int HeaderSizeBytes = 5;
    private const int NonceSizeBytes = 12;
    private const int TagSizeBytes = 16;
    private const int BoundSizeBytes = HeaderSizeBytes + 16;

    [ThreadStatic]
    private static AesGcm? _cipher;

    [ThreadStatic]
    private static TenantKeys? _keys;

    public static byte[] Seal(TenantKeys keys, byte format, long place, long offset, ReadOnlySpan<byte> content)
    {
        byte[] page = GC.AllocateUninitializedArray<byte>(content.Length + OverheadBytes);
        page[0] = format;
        BinaryPrimitives.WriteUInt32BigEndian(page.AsSpan(1), keys.KeyId);
        Span<byte> nonce = page.AsSpan(HeaderSizeBytes, NonceSizeBytes);
        RandomNumberGenerator.Fill(nonce);
        Span<byte> bound = stackalloc byte[BoundSizeBytes];
        Bind(page, place, offset, bound);
        CipherOf(keys).Encrypt(nonce, content, page.AsSpan(HeaderSizeBytes + NonceSizeBytes, content.Length), page.AsSpan(page.Length - TagSizeBytes), bound);
        return page;
    }

    /// <exception cref="JournalCorruptException">Changed bytes, another place, or a destroyed key.</exception>
    public static byte[] Open(ITenantKeyring keyring, TenantId tenant, byte format, long place, long offset, ReadOnlySpan<byte> page)
    {
        if (page.Length < OverheadBytes || page[0] != format)
        {
            throw new JournalCorruptException(JournalFault.Format, place, 0, $"an index page of format {format} is expected");
        }

        uint keyId = BinaryPrimitives.ReadUInt32BigEndian(page[1..]);
        TenantKeys keys = keyring.Find(tenant, keyId)
            ?? throw new JournalCorruptException(JournalFault.KeyMissing, place, 0, $"key {keyId} of tenant {tenant} is not in the key ring");
        byte[] content = GC.AllocateUninitializedArray<byte>(page.Length - OverheadBytes);
        Span<byte> bound = stackalloc byte[BoundSizeBytes];
        Bind(page, place, offset, bound);
        try
        {
            CipherOf(keys).Decrypt(page.Slice(HeaderSizeBytes, NonceSizeBytes), page[(HeaderSizeBytes + NonceSizeBytes)..^TagSizeBytes], page[^TagSizeBytes..], content, bound);
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new JournalCorruptException(JournalFault.Authentication, place, 0, $"an index page of tenant {tenant} was changed, or another key wrote it");
        }
    }

    // Expanding the key costs several times as much as a small page, and a thread mostly stays with one tenant.
    private static AesGcm CipherOf(TenantKeys keys)
    {
        if (!ReferenceEquals(_keys, keys) || _cipher is null)
        {
            _cipher?.Dispose();
            _cipher = new AesGcm(keys.BlockKey.Span, TagSizeBytes);
            _keys = keys;
        }

        return _cipher;
    }

    private static void Bind(ReadOnlySpan<byte> page, long place, long offset, Span<byte> bound)
    {
        page[..HeaderSizeBytes].CopyTo(bound);
        BinaryPrimitives.WriteInt64BigEndian(bound[HeaderSizeBytes..], place);
        BinaryPrimitives.WriteInt64BigEndian(bound[(HeaderSizeBytes + 8)..], offset);
    }
}
