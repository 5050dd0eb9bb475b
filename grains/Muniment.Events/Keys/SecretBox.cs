using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Muniment.Events.Keys;

/// <summary>
/// One secret of a tenant as an AES-256-GCM box under its key, bound to what it is for, so that a box put in another's place does not open. Layout: version byte, u32 big-endian
/// key id, nonce, tag, text.
/// </summary>
public static class SecretBox
{
    private const byte Version = 1;
    private const int NonceSizeBytes = 12;
    private const int TagSizeBytes = 16;
    private const int HeadSizeBytes = 5 + NonceSizeBytes + TagSizeBytes;

    /// <summary>Seals a secret.</summary>
    /// <param name="keys">The tenant's current keys.</param>
    /// <param name="purpose">What it is for, e.g. <c>upstream\nopenai</c>; the same text opens it.</param>
    /// <param name="secret">The secret.</param>
    public static byte[] Seal(TenantKeys keys, string purpose, ReadOnlySpan<byte> secret)
    {
        byte[] box = new byte[HeadSizeBytes + secret.Length];
        box[0] = Version;
        BinaryPrimitives.WriteUInt32BigEndian(box.AsSpan(1), keys.KeyId);
        Span<byte> nonce = box.AsSpan(5, NonceSizeBytes);
        RandomNumberGenerator.Fill(nonce);
        using AesGcm cipher = new(keys.SecretKey.Span, TagSizeBytes);
        cipher.Encrypt(nonce, secret, box.AsSpan(HeadSizeBytes), box.AsSpan(5 + NonceSizeBytes, TagSizeBytes), Bound(keys, purpose));
        return box;
    }

    /// <summary>Opens a box; null when its key is gone or it was altered or moved.</summary>
    /// <param name="box">What <see cref="Seal"/> made.</param>
    /// <param name="findKeys">The tenant's keys by their number.</param>
    /// <param name="purpose">What it is for.</param>
    public static byte[]? Open(ReadOnlySpan<byte> box, Func<uint, TenantKeys?> findKeys, string purpose)
    {
        if (box.Length < HeadSizeBytes || box[0] != Version || findKeys(BinaryPrimitives.ReadUInt32BigEndian(box[1..])) is not { } keys)
        {
            return null;
        }

        byte[] secret = new byte[box.Length - HeadSizeBytes];
        try
        {
            using AesGcm cipher = new(keys.SecretKey.Span, TagSizeBytes);
            cipher.Decrypt(box.Slice(5, NonceSizeBytes), box[HeadSizeBytes..], box.Slice(5 + NonceSizeBytes, TagSizeBytes), secret, Bound(keys, purpose));
            return secret;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>A short keyed digest, by which an auditor sees that a secret changed.</summary>
    public static string Fingerprint(TenantKeys keys, ReadOnlySpan<byte> secret) => Convert.ToHexStringLower(HMACSHA256.HashData(keys.DedupKey.Span, secret).AsSpan(0, 6));

    private static byte[] Bound(TenantKeys keys, string purpose) => Encoding.UTF8.GetBytes($"secret\n{keys.Tenant}\n{purpose}");
}
