using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Muniment.Events.Keys;

namespace Muniment.Delivery.Configuration;

/// <summary>
/// The secrets of one destination by dotted name (<c>credential.token</c>, <c>credential.headers.authorization</c>, <c>tls.client_key_pem</c>). Kept as one AES-256-GCM box
/// under the tenant's key, bound to tenant and destination. Its text form never holds a value.
/// </summary>
public sealed class SecretBag(ImmutableSortedDictionary<string, string> values)
{
    private const byte Version = 1;
    private const int NonceSizeBytes = 12;
    private const int TagSizeBytes = 16;

    /// <summary>No secrets.</summary>
    public static SecretBag Empty { get; } = new(ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>Names of what is in it.</summary>
    public IEnumerable<string> Names => values.Keys;

    /// <summary>One value, or null.</summary>
    public string? Find(string name) => values.GetValueOrDefault(name);

    /// <summary>The values whose names begin with this, without it.</summary>
    public IEnumerable<KeyValuePair<string, string>> Under(string prefix) =>
        values.Where(p => p.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(p => KeyValuePair.Create(p.Key[prefix.Length..], p.Value));

    /// <summary>A short keyed digest of everything in it, by which an auditor sees that a credential changed; null when empty.</summary>
    public string? Fingerprint(TenantKeys keys)
    {
        if (values.Count == 0)
        {
            return null;
        }

        byte[] digest = HMACSHA256.HashData(keys.DedupKey.Span, JsonSerializer.SerializeToUtf8Bytes(values));
        return Convert.ToHexStringLower(digest.AsSpan(0, 6));
    }

    /// <summary>Layout: version byte, u32 big-endian key id, nonce, tag, text.</summary>
    public byte[] Seal(TenantKeys keys, string destination)
    {
        byte[] plain = JsonSerializer.SerializeToUtf8Bytes(values);
        byte[] box = new byte[5 + NonceSizeBytes + TagSizeBytes + plain.Length];
        box[0] = Version;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(box.AsSpan(1), keys.KeyId);
        Span<byte> nonce = box.AsSpan(5, NonceSizeBytes);
        RandomNumberGenerator.Fill(nonce);
        using AesGcm cipher = new(keys.SecretKey.Span, TagSizeBytes);
        cipher.Encrypt(nonce, plain, box.AsSpan(5 + NonceSizeBytes + TagSizeBytes), box.AsSpan(5 + NonceSizeBytes, TagSizeBytes), Bound(keys, destination));
        CryptographicOperations.ZeroMemory(plain);
        return box;
    }

    /// <summary>Opens a box; null when its key is gone or it was altered or moved.</summary>
    public static SecretBag? Open(ReadOnlySpan<byte> box, Func<uint, TenantKeys?> findKeys, string destination)
    {
        if (box.Length == 0)
        {
            return Empty;
        }

        if (box.Length < 5 + NonceSizeBytes + TagSizeBytes || box[0] != Version
            || findKeys(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(box[1..])) is not { } keys)
        {
            return null;
        }

        byte[] plain = new byte[box.Length - 5 - NonceSizeBytes - TagSizeBytes];
        try
        {
            using AesGcm cipher = new(keys.SecretKey.Span, TagSizeBytes);
            cipher.Decrypt(box.Slice(5, NonceSizeBytes), box[(5 + NonceSizeBytes + TagSizeBytes)..], box.Slice(5 + NonceSizeBytes, TagSizeBytes), plain, Bound(keys, destination));
            return new SecretBag(JsonSerializer.Deserialize<ImmutableSortedDictionary<string, string>>(plain)!);
        }
        catch (CryptographicException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(plain);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", values.Keys.Select(k => k + "=***"));

    private static byte[] Bound(TenantKeys keys, string destination) => Encoding.UTF8.GetBytes($"destination\n{keys.Tenant}\n{destination}");
}
