using System.Buffers.Binary;
using System.Security.Cryptography;
using Muniment.Events.Keys;

namespace Muniment.Events.Blocks;

/// <summary>
/// Salts of commitments: AES-256 under <see cref="TenantKeys.SaltKey"/> of <c>segment nonce (12 bytes) ‖ u16 event index ‖ u16 part index</c>, big-endian.
/// A block cipher is a permutation, so no two events share a salt, and without the key a salt says nothing about another.
/// </summary>
public static class Salts
{
    /// <summary>Length of a salt in bytes.</summary>
    public const int SizeBytes = 16;

    /// <summary>Salts of the clear parts (part 0) of consecutive events, in one pass of the cipher.</summary>
    /// <param name="keys">Keys that were current when the segment was made.</param>
    /// <param name="nonce">The segment's nonce.</param>
    /// <param name="firstIndex">Index of the first event in the segment.</param>
    /// <param name="salts">16 bytes for each event.</param>
    public static void Derive(TenantKeys keys, SegmentNonce nonce, int firstIndex, Span<byte> salts)
    {
        using Aes aes = Aes.Create();
        aes.SetKey(keys.SaltKey.Span);
        Derive(aes, nonce, firstIndex, salts);
    }

    internal static void Derive(Aes aes, SegmentNonce nonce, int firstIndex, Span<byte> salts)
    {
        WriteInputs(nonce, firstIndex, salts);
        Encrypt(aes, salts);
    }

    /// <summary>The cipher's input blocks, so that several segments' salts can be made in one pass.</summary>
    internal static void WriteInputs(SegmentNonce nonce, int firstIndex, Span<byte> blocks)
    {
        int count = blocks.Length / SizeBytes;
        if (firstIndex < 0 || firstIndex + count > ushort.MaxValue + 1 || count * SizeBytes != blocks.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(firstIndex), firstIndex, "event indices of a segment are 0 to 65535, salts 16 bytes each");
        }

        for (int i = 0; i < count; i++)
        {
            Span<byte> block = blocks.Slice(i * SizeBytes, SizeBytes);
            nonce.Write(block);
            BinaryPrimitives.WriteUInt32BigEndian(block[SegmentNonce.SizeBytes..], (uint)(firstIndex + i) << 16);
        }
    }

    internal static void Encrypt(Aes aes, Span<byte> blocks) => aes.EncryptEcb(blocks, blocks, PaddingMode.None);
}
