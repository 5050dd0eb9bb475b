using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using Muniment.Events;
using Muniment.Events.Keys;

namespace Muniment.Journal.Keys;

/// <summary>A tenant's root keys as they lie on disk.</summary>
/// <param name="Tenant">Owner.</param>
/// <param name="Keys">All that were not destroyed, oldest first; the last one is current.</param>
internal sealed record WrappedKeys([property: JsonPropertyName("tenant")] string Tenant, [property: JsonPropertyName("keys")] ImmutableArray<WrappedKey> Keys);

/// <summary>One root key, AES-256-GCM under the master key: <c>12 bytes nonce ‖ 32 bytes ciphertext ‖ 16 bytes tag</c>; AAD is <c>"muniment tenant key v1" ‖ u32BE id ‖ tenant</c>.</summary>
/// <param name="Id">Number of the key.</param>
/// <param name="Wrapped">The wrapped bytes.</param>
internal sealed record WrappedKey([property: JsonPropertyName("id")] uint Id, [property: JsonPropertyName("wrapped")] byte[] Wrapped)
{
    private const int NonceSizeBytes = 12;
    private const int TagSizeBytes = 16;

    public static WrappedKey Wrap(ReadOnlySpan<byte> master, TenantId tenant, uint id, ReadOnlySpan<byte> root)
    {
        byte[] wrapped = new byte[NonceSizeBytes + TenantKeys.RootSizeBytes + TagSizeBytes];
        Span<byte> nonce = wrapped.AsSpan(0, NonceSizeBytes);
        RandomNumberGenerator.Fill(nonce);
        using AesGcm cipher = new(master, TagSizeBytes);
        cipher.Encrypt(nonce, root, wrapped.AsSpan(NonceSizeBytes, TenantKeys.RootSizeBytes), wrapped.AsSpan(NonceSizeBytes + TenantKeys.RootSizeBytes), Bound(tenant, id));
        return new WrappedKey(id, wrapped);
    }

    /// <summary>The keys derived from the unwrapped root.</summary>
    /// <exception cref="AuthenticationTagMismatchException">Another master key, another tenant, or changed bytes.</exception>
    public TenantKeys Unwrap(ReadOnlySpan<byte> master, TenantId tenant)
    {
        if (Wrapped.Length != NonceSizeBytes + TenantKeys.RootSizeBytes + TagSizeBytes)
        {
            throw new AuthenticationTagMismatchException($"a wrapped key has {NonceSizeBytes + TenantKeys.RootSizeBytes + TagSizeBytes} bytes, not {Wrapped.Length}");
        }

        Span<byte> root = stackalloc byte[TenantKeys.RootSizeBytes];
        using AesGcm cipher = new(master, TagSizeBytes);
        cipher.Decrypt(
            Wrapped.AsSpan(0, NonceSizeBytes), Wrapped.AsSpan(NonceSizeBytes, TenantKeys.RootSizeBytes), Wrapped.AsSpan(NonceSizeBytes + TenantKeys.RootSizeBytes), root, Bound(tenant, Id));
        TenantKeys keys = new(tenant, Id, root);
        CryptographicOperations.ZeroMemory(root);
        return keys;
    }

    private static byte[] Bound(TenantId tenant, uint id)
    {
        Span<byte> number = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(number, id);
        return [.. "muniment tenant key v1"u8, .. number, .. Encoding.UTF8.GetBytes(tenant.Value)];
    }
}
