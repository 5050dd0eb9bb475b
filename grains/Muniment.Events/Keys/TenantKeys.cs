using System.Security.Cryptography;

namespace Muniment.Events.Keys;

/// <summary>
/// The symmetric keys of one tenant, all derived with HKDF-SHA256 (RFC 5869) from its 32-byte root key, which lies wrapped outside the journal.
/// Immutable; safe to share between threads.
/// </summary>
public sealed class TenantKeys
{
    /// <summary>Length of a root key in bytes.</summary>
    public const int RootSizeBytes = 32;

    /// <summary>Derives every key of a tenant.</summary>
    /// <param name="tenant">Owner.</param>
    /// <param name="keyId">Number of the root key, written into every frame that is encrypted under it.</param>
    /// <param name="root">32 random bytes.</param>
    public TenantKeys(TenantId tenant, uint keyId, ReadOnlySpan<byte> root)
    {
        if (root.Length != RootSizeBytes)
        {
            throw new ArgumentException($"a root key has {RootSizeBytes} bytes, not {root.Length}", nameof(root));
        }

        Tenant = tenant;
        KeyId = keyId;
        BlockKey = Derive(root, "block"u8, 32);
        SaltKey = Derive(root, "salt"u8, 32);
        TermKey = Derive(root, "term"u8, 16);
        DedupKey = Derive(root, "dedup"u8, 32);
        RepeatKey = Derive(root, "repeat"u8, 32);
        SecretKey = Derive(root, "secret"u8, 32);
    }

    /// <summary>Owner.</summary>
    public TenantId Tenant { get; }

    /// <summary>Number of the root key.</summary>
    public uint KeyId { get; }

    /// <summary>AES-256-GCM key of blocks and index pages.</summary>
    public ReadOnlyMemory<byte> BlockKey { get; }

    /// <summary>AES-256 key from which the salts of clear parts are made.</summary>
    public ReadOnlyMemory<byte> SaltKey { get; }

    /// <summary>128-bit SipHash key of index terms and text tokens.</summary>
    public ReadOnlyMemory<byte> TermKey { get; }

    /// <summary>Key of the digests by which repeated requests and ids are recognised.</summary>
    public ReadOnlyMemory<byte> DedupKey { get; }

    /// <summary>AES-256-GMAC key by which whole request bodies are brought down to 16 bytes, before <see cref="DedupKey"/>'s digest of those.</summary>
    public ReadOnlyMemory<byte> RepeatKey { get; }

    /// <summary>AES-256-GCM key of destination credentials.</summary>
    public ReadOnlyMemory<byte> SecretKey { get; }

    private static byte[] Derive(ReadOnlySpan<byte> root, ReadOnlySpan<byte> label, int sizeBytes)
    {
        byte[] key = new byte[sizeBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, root, key, "muniment v1"u8, label);
        return key;
    }
}
