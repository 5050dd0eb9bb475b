using System.Collections.Immutable;
using System.Numerics;

namespace Muniment.Trust.Merkle;

/// <summary>Makes and checks proofs. Checking needs nothing but the arguments; it refuses proofs of any other length than the exact one.</summary>
public static class MerkleProof
{
    /// <summary>Fetches a perfect subtree's root into 32 bytes.</summary>
    public delegate void ReadNode(MerkleNode node, Span<byte> hash);

    /// <summary>Makes the proof of a plan from hashes that are at hand.</summary>
    public static ImmutableArray<byte[]> Make(MerkleProofPlan plan, ReadNode read)
    {
        byte[] hashes = new byte[plan.Nodes.Length * MerkleHash.SizeBytes];
        for (int i = 0; i < plan.Nodes.Length; i++)
        {
            read(plan.Nodes[i], hashes.AsSpan(i * MerkleHash.SizeBytes, MerkleHash.SizeBytes));
        }

        return plan.Fold(hashes);
    }

    /// <summary>Whether a leaf is at its place in a tree.</summary>
    public static bool VerifyInclusion(long index, long size, ReadOnlySpan<byte> leafHash, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size || leafHash.Length != MerkleHash.SizeBytes || !AllHashes(proof) || root.Length != MerkleHash.SizeBytes)
        {
            return false;
        }

        (int inner, int border) = Decompose(index, size);
        if (proof.Count != inner + border)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[MerkleHash.SizeBytes];
        leafHash.CopyTo(hash);
        for (int i = 0; i < proof.Count; i++)
        {
            if (i < inner && (index >> i & 1) == 0)
            {
                MerkleHash.Node(hash, proof[i], hash);
            }
            else
            {
                MerkleHash.Node(proof[i], hash, hash);
            }
        }

        return hash.SequenceEqual(root);
    }

    /// <summary>Whether the tree of the new size continues the tree of the old size. An old size of 0 proves nothing and is refused.</summary>
    public static bool VerifyConsistency(long oldSize, long newSize, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> oldRoot, ReadOnlySpan<byte> newRoot)
    {
        if (oldSize < 1 || newSize < oldSize)
        {
            return false;
        }

        if (oldSize == newSize)
        {
            return proof.Count == 0 && oldRoot.SequenceEqual(newRoot);
        }

        if (!AllHashes(proof) || oldRoot.Length != MerkleHash.SizeBytes || newRoot.Length != MerkleHash.SizeBytes)
        {
            return false;
        }

        (int inner, int border) = Decompose(oldSize - 1, newSize);
        int shift = BitOperations.TrailingZeroCount(oldSize);
        inner -= shift;
        bool wholeSubtree = BitOperations.IsPow2(oldSize);
        int start = wholeSubtree ? 0 : 1;
        if (proof.Count != start + inner + border)
        {
            return false;
        }

        long mask = (oldSize - 1) >> shift;
        Span<byte> oldHash = stackalloc byte[MerkleHash.SizeBytes];
        Span<byte> newHash = stackalloc byte[MerkleHash.SizeBytes];
        (wholeSubtree ? oldRoot : proof[0]).CopyTo(oldHash);
        oldHash.CopyTo(newHash);
        for (int i = 0; i < inner + border; i++)
        {
            byte[] sibling = proof[start + i];
            if (i < inner && (mask >> i & 1) == 0)
            {
                MerkleHash.Node(newHash, sibling, newHash);
            }
            else
            {
                MerkleHash.Node(sibling, oldHash, oldHash);
                MerkleHash.Node(sibling, newHash, newHash);
            }
        }

        return oldHash.SequenceEqual(oldRoot) && newHash.SequenceEqual(newRoot);
    }

    // Steps below the point where the paths of this leaf and of the last leaf part, and left siblings above it.
    private static (int Inner, int Border) Decompose(long index, long size)
    {
        int inner = 64 - BitOperations.LeadingZeroCount((ulong)(index ^ (size - 1)));
        return (inner, BitOperations.PopCount((ulong)(index >> inner)));
    }

    private static bool AllHashes(IReadOnlyList<byte[]> proof)
    {
        foreach (byte[] hash in proof)
        {
            if (hash.Length != MerkleHash.SizeBytes)
            {
                return false;
            }
        }

        return true;
    }
}
