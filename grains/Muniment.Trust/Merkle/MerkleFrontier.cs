using System.Numerics;
using Muniment.Events.Hashing;

namespace Muniment.Trust.Merkle;

/// <summary>
/// The right edge of an append-only Merkle tree: the roots of its perfect subtrees ("peaks"), one for each bit of its size. All that a writer needs to
/// append and to know the root. Not thread-safe.
/// </summary>
public sealed class MerkleFrontier
{
    private const int MaxLevels = 63;

    private readonly byte[] _peaks = new byte[MaxLevels * MerkleHash.SizeBytes];
    private byte[] _level = [];

    /// <summary>An empty tree.</summary>
    public MerkleFrontier()
    {
    }

    /// <summary>A tree of this size from its peaks.</summary>
    /// <param name="size">Number of leaves.</param>
    /// <param name="peaks">32 bytes for each bit of <paramref name="size"/> that is set, largest subtree first.</param>
    public MerkleFrontier(long size, ReadOnlySpan<byte> peaks)
    {
        if (size < 0 || peaks.Length != BitOperations.PopCount((ulong)size) * MerkleHash.SizeBytes)
        {
            throw new ArgumentException($"a tree of {size} leaves has {BitOperations.PopCount((ulong)size)} peaks of {MerkleHash.SizeBytes} bytes, not {peaks.Length} bytes", nameof(peaks));
        }

        Size = size;
        for (int level = MaxLevels - 1; level >= 0; level--)
        {
            if ((size >> level & 1) != 0)
            {
                peaks[..MerkleHash.SizeBytes].CopyTo(Peak(level));
                peaks = peaks[MerkleHash.SizeBytes..];
            }
        }
    }

    /// <summary>Number of leaves.</summary>
    public long Size { get; private set; }

    /// <summary>Appends leaf hashes, 32 bytes each, one after the other.</summary>
    public void Append(ReadOnlySpan<byte> leaves)
    {
        int count = leaves.Length / MerkleHash.SizeBytes;
        if (count * MerkleHash.SizeBytes != leaves.Length)
        {
            throw new ArgumentException($"leaf hashes have {MerkleHash.SizeBytes} bytes each; {leaves.Length} bytes were given", nameof(leaves));
        }

        if (_level.Length < leaves.Length + MerkleHash.SizeBytes)
        {
            _level = new byte[Math.Max(leaves.Length + MerkleHash.SizeBytes, 1024)];
        }

        // Level by level: new nodes of a level, preceded by the peak that waits for its right sibling, are paired; a last one without a sibling becomes the peak.
        long first = Size;
        Size += count;
        leaves.CopyTo(_level.AsSpan(MerkleHash.SizeBytes));
        int at = MerkleHash.SizeBytes;
        for (int level = 0; count > 0; level++)
        {
            if ((first & 1) != 0)
            {
                at -= MerkleHash.SizeBytes;
                count++;
                Peak(level).CopyTo(_level.AsSpan(at));
            }

            if ((count & 1) != 0)
            {
                count--;
                _level.AsSpan(at + (count * MerkleHash.SizeBytes), MerkleHash.SizeBytes).CopyTo(Peak(level));
            }

            count /= 2;
            first >>= 1;
            Sha256Multi.HashNodes(_level.AsSpan(at, count * 2 * MerkleHash.SizeBytes), _level.AsSpan(MerkleHash.SizeBytes));
            at = MerkleHash.SizeBytes;
        }
    }

    /// <summary>The root: peaks folded from the smallest to the largest; <see cref="MerkleHash.EmptyRoot"/> for an empty tree.</summary>
    public byte[] Root()
    {
        byte[] root = MerkleHash.EmptyRoot.ToArray();
        bool any = false;
        for (int level = 0; level < MaxLevels; level++)
        {
            if ((Size >> level & 1) != 0)
            {
                if (any)
                {
                    MerkleHash.Node(Peak(level), root, root);
                }
                else
                {
                    Peak(level).CopyTo(root);
                    any = true;
                }
            }
        }

        return root;
    }

    /// <summary>The peaks, largest subtree first, 32 bytes each.</summary>
    public byte[] Peaks()
    {
        byte[] peaks = new byte[BitOperations.PopCount((ulong)Size) * MerkleHash.SizeBytes];
        Span<byte> target = peaks;
        for (int level = MaxLevels - 1; level >= 0; level--)
        {
            if ((Size >> level & 1) != 0)
            {
                Peak(level).CopyTo(target);
                target = target[MerkleHash.SizeBytes..];
            }
        }

        return peaks;
    }

    private Span<byte> Peak(int level) => _peaks.AsSpan(level * MerkleHash.SizeBytes, MerkleHash.SizeBytes);
}
