using System.Collections.Immutable;
using System.Numerics;

namespace Muniment.Trust.Merkle;

/// <summary>
/// What a proof needs: which perfect subtrees' hashes to fetch, and how to fold them into the proof's hashes. Fetching is the caller's, so that it may read
/// from tiles, from blocks or from memory, and may wait.
/// </summary>
/// <param name="Nodes">Nodes to fetch, in order.</param>
/// <param name="Groups">How many of <paramref name="Nodes"/> go into each hash of the proof, in order; more than one only for the ragged right edge.</param>
public sealed record MerkleProofPlan(ImmutableArray<MerkleNode> Nodes, ImmutableArray<int> Groups)
{
    /// <summary>Inclusion of one leaf (RFC 6962, 2.1.1; RFC 9162, 2.1.3.1).</summary>
    /// <param name="index">The leaf.</param>
    /// <param name="size">Leaves of the tree; greater than <paramref name="index"/>.</param>
    public static MerkleProofPlan Inclusion(long index, long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var builder = new Builder();
        Inclusion(builder, index, 0, size);
        return builder.Build();
    }

    /// <summary>Consistency of two sizes of one tree (RFC 6962, 2.1.2; RFC 9162, 2.1.4.1). Empty when they are equal.</summary>
    /// <param name="oldSize">At least 1.</param>
    /// <param name="newSize">At least <paramref name="oldSize"/>.</param>
    public static MerkleProofPlan Consistency(long oldSize, long newSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(oldSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(newSize, oldSize);
        var builder = new Builder();
        Consistency(builder, oldSize, 0, newSize, true);
        return builder.Build();
    }

    /// <summary>The perfect subtrees that together cover leaves from <paramref name="first"/> to a tree's end <paramref name="end"/>, largest first.</summary>
    public static ImmutableArray<MerkleNode> Cover(long first, long end)
    {
        var nodes = ImmutableArray.CreateBuilder<MerkleNode>();
        while (first < end)
        {
            int level = BitOperations.Log2((ulong)(end - first));
            if (first != 0)
            {
                level = Math.Min(level, BitOperations.TrailingZeroCount(first));
            }

            nodes.Add(new MerkleNode(level, first >> level));
            first += 1L << level;
        }

        return nodes.DrainToImmutable();
    }

    /// <summary>Folds fetched hashes into the proof.</summary>
    /// <param name="hashes">32 bytes for each of <see cref="Nodes"/>, in order.</param>
    /// <returns>The proof's hashes of 32 bytes.</returns>
    public ImmutableArray<byte[]> Fold(ReadOnlySpan<byte> hashes)
    {
        if (hashes.Length != Nodes.Length * MerkleHash.SizeBytes)
        {
            throw new ArgumentException($"{Nodes.Length} hashes of {MerkleHash.SizeBytes} bytes are expected, not {hashes.Length} bytes", nameof(hashes));
        }

        var proof = ImmutableArray.CreateBuilder<byte[]>(Groups.Length);
        foreach (int group in Groups)
        {
            byte[] hash = hashes.Slice((group - 1) * MerkleHash.SizeBytes, MerkleHash.SizeBytes).ToArray();
            for (int i = group - 2; i >= 0; i--)
            {
                MerkleHash.Node(hashes[(i * MerkleHash.SizeBytes)..], hash, hash);
            }

            proof.Add(hash);
            hashes = hashes[(group * MerkleHash.SizeBytes)..];
        }

        return proof.DrainToImmutable();
    }

    // PATH(m, D[n]) of the RFC, with D[n] = leaves [first, end).
    private static void Inclusion(Builder builder, long index, long first, long end)
    {
        if (end - first == 1)
        {
            return;
        }

        long middle = first + Split(end - first);
        if (index < middle)
        {
            Inclusion(builder, index, first, middle);
            builder.Add(middle, end);
        }
        else
        {
            Inclusion(builder, index, middle, end);
            builder.Add(first, middle);
        }
    }

    // SUBPROOF(m, D[n], b) of the RFC, with m counted from the start of the whole tree.
    private static void Consistency(Builder builder, long oldSize, long first, long end, bool known)
    {
        if (oldSize == end)
        {
            if (!known)
            {
                builder.Add(first, end);
            }

            return;
        }

        long middle = first + Split(end - first);
        if (oldSize <= middle)
        {
            Consistency(builder, oldSize, first, middle, known);
            builder.Add(middle, end);
        }
        else
        {
            Consistency(builder, oldSize, middle, end, false);
            builder.Add(first, middle);
        }
    }

    // The largest power of two below n.
    private static long Split(long n) => 1L << BitOperations.Log2((ulong)(n - 1));

    private sealed class Builder
    {
        private readonly ImmutableArray<MerkleNode>.Builder _nodes = ImmutableArray.CreateBuilder<MerkleNode>();
        private readonly ImmutableArray<int>.Builder _groups = ImmutableArray.CreateBuilder<int>();

        public void Add(long first, long end)
        {
            ImmutableArray<MerkleNode> nodes = Cover(first, end);
            _nodes.AddRange(nodes);
            _groups.Add(nodes.Length);
        }

        public MerkleProofPlan Build() => new(_nodes.DrainToImmutable(), _groups.DrainToImmutable());
    }
}
