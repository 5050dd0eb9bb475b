using System.Collections.Immutable;
using System.Security.Cryptography;
using Muniment.Trust.Merkle;

namespace Muniment.Trust.Tests.Merkle;

public sealed class MerkleTests
{
    // Leaves and roots of transparency-dev/merkle, testonly/constants.go.
    private static readonly string[] _leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    private static readonly string[] _roots = ["6e340b9c", "fac54203", "aeb6bcfe", "d37ee418", "4e3bbb1f", "76e67dad", "ddb89be4", "5dc9da79"];
    private static readonly string[] _rootEnds = ["a01d", "c125", "6e77", "14b7", "64d4", "87ef", "4c8c", "4328"];

    [Fact]
    public void KnownTreesHaveTheKnownRoots()
    {
        var frontier = new MerkleFrontier();
        Assert.Equal(SHA256.HashData([]), frontier.Root());
        for (int i = 0; i < _leaves.Length; i++)
        {
            byte[] leaf = new byte[32];
            MerkleHash.Leaf(Convert.FromHexString(_leaves[i]), leaf);
            frontier.Append(leaf);
            string root = Convert.ToHexStringLower(frontier.Root());
            Assert.StartsWith(_roots[i], root, StringComparison.Ordinal);
            Assert.EndsWith(_rootEnds[i], root, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void KnownLeafAndNode()
    {
        byte[] hash = new byte[32];
        MerkleHash.Leaf("L123456"u8, hash);
        Assert.StartsWith("395aa064", Convert.ToHexStringLower(hash), StringComparison.Ordinal);
        byte[] node = SHA256.HashData([1, .. hash, .. hash]);
        MerkleHash.Node(hash, hash, hash);
        Assert.Equal(node, hash);
    }

    [Fact]
    public void AnySplitOfAppendsGivesTheSameTree()
    {
        var random = new Random(11);
        byte[] leaves = Leaves(1500);
        var one = new MerkleFrontier();
        for (int round = 0; round < 60; round++)
        {
            var frontier = new MerkleFrontier();
            int at = 0;
            while (at < 1500)
            {
                int n = Math.Min(1500 - at, random.Next(round % 2 == 0 ? 9 : 400));
                frontier.Append(leaves.AsSpan(at * 32, n * 32));
                at += n;
                frontier = new MerkleFrontier(frontier.Size, frontier.Peaks());
            }

            Assert.Equal(Reference(leaves), frontier.Root());
        }

        for (int size = 1; size <= 300; size++)
        {
            one.Append(leaves.AsSpan((size - 1) * 32, 32));
            Assert.Equal(Reference(leaves.AsSpan(0, size * 32)), one.Root());
            Assert.Equal(MerkleHash.Root(leaves.AsSpan(0, size * 32)), one.Root());
        }
    }

    [Fact]
    public void PeaksOfAnotherSizeAreRefused()
    {
        Assert.Throws<ArgumentException>(() => new MerkleFrontier(3, new byte[32]));
        Assert.Throws<ArgumentException>(() => new MerkleFrontier(-1, []));
        Assert.Throws<ArgumentException>(() => new MerkleFrontier().Append(new byte[33]));
    }

    [Fact]
    public void ProofsOfSmallTreesVerifyAndNoNeighbourDoes()
    {
        byte[] leaves = Leaves(70);
        MerkleProof.ReadNode read = Reader(leaves);
        for (long size = 1; size <= 70; size++)
        {
            byte[] root = MerkleHash.Root(leaves.AsSpan(0, (int)size * 32));
            for (long index = 0; index < size; index++)
            {
                ImmutableArray<byte[]> proof = MerkleProof.Make(MerkleProofPlan.Inclusion(index, size), read);
                byte[] leaf = leaves[((int)index * 32)..(((int)index + 1) * 32)];
                Assert.True(MerkleProof.VerifyInclusion(index, size, leaf, proof, root));
                Assert.False(MerkleProof.VerifyInclusion(index + 1, size, leaf, proof, root));
                Assert.Equal(size == 1, MerkleProof.VerifyInclusion(index, size, root, proof, leaf));
                Assert.False(MerkleProof.VerifyInclusion(index, size, leaf, [.. proof, root], root));
            }

            for (long old = 1; old <= size; old++)
            {
                byte[] oldRoot = MerkleHash.Root(leaves.AsSpan(0, (int)old * 32));
                ImmutableArray<byte[]> proof = MerkleProof.Make(MerkleProofPlan.Consistency(old, size), read);
                Assert.True(MerkleProof.VerifyConsistency(old, size, proof, oldRoot, root));
                Assert.Equal(old == size, MerkleProof.VerifyConsistency(old, size, [], oldRoot, root));
                if (old < size)
                {
                    Assert.False(MerkleProof.VerifyConsistency(old, size, proof, root, oldRoot));
                    Assert.False(MerkleProof.VerifyConsistency(old, size, [.. proof, root], oldRoot, root));
                }
            }
        }
    }

    [Fact]
    public void LargeProofsAskForFewNodes()
    {
        MerkleProofPlan plan = MerkleProofPlan.Inclusion(123_456_789, 1_000_000_007);
        Assert.InRange(plan.Nodes.Length, 1, 60);
        Assert.All(plan.Nodes, node => Assert.True(node.End <= 1_000_000_007));
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleProofPlan.Inclusion(5, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => MerkleProofPlan.Consistency(0, 5));
    }

    internal static byte[] Leaves(int count) => [.. Enumerable.Range(0, count).SelectMany(i => SHA256.HashData(BitConverter.GetBytes(i)))];

    internal static MerkleProof.ReadNode Reader(byte[] leaves) =>
        (node, hash) => Reference(leaves.AsSpan((int)node.First * 32, (int)(node.End - node.First) * 32)).CopyTo(hash);

    // The definition in RFC 6962, 2.1, word by word.
    private static byte[] Reference(ReadOnlySpan<byte> leaves)
    {
        int n = leaves.Length / 32;
        if (n == 1)
        {
            return leaves.ToArray();
        }

        int k = 1;
        while (k * 2 < n)
        {
            k *= 2;
        }

        return SHA256.HashData([1, .. Reference(leaves[..(k * 32)]), .. Reference(leaves[(k * 32)..])]);
    }
}
