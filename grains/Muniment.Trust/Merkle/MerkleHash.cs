using System.Security.Cryptography;
using Muniment.Events.Hashing;

namespace Muniment.Trust.Merkle;

/// <summary>Hashes of the Merkle tree of RFC 6962, 2.1 (the same as RFC 9162, 2.1) over SHA-256.</summary>
public static class MerkleHash
{
    /// <summary>Length of a hash in bytes.</summary>
    public const int SizeBytes = 32;

    /// <summary>Root of the tree without leaves: SHA-256 of nothing.</summary>
    public static ReadOnlySpan<byte> EmptyRoot =>
    [
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
        0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ];

    /// <summary>SHA-256(0x00 ‖ entry).</summary>
    public static void Leaf(ReadOnlySpan<byte> entry, Span<byte> hash)
    {
        using IncrementalHash sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData([0]);
        sha.AppendData(entry);
        sha.GetHashAndReset(hash);
    }

    /// <summary>SHA-256(0x01 ‖ left ‖ right). <paramref name="hash"/> may overlap either.</summary>
    public static void Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> hash)
    {
        Span<byte> pair = stackalloc byte[2 * SizeBytes];
        left[..SizeBytes].CopyTo(pair);
        right[..SizeBytes].CopyTo(pair[SizeBytes..]);
        Sha256Multi.HashNodes(pair, hash[..SizeBytes]);
    }

    /// <summary>Root of a tree over leaf hashes that lie one after the other.</summary>
    public static byte[] Root(ReadOnlySpan<byte> leaves)
    {
        var frontier = new MerkleFrontier();
        frontier.Append(leaves);
        return frontier.Root();
    }
}
