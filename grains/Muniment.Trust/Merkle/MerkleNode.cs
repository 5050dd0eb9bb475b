namespace Muniment.Trust.Merkle;

/// <summary>A perfect subtree: its root covers the leaves <c>[Index·2^Level, (Index+1)·2^Level)</c>.</summary>
/// <param name="Level">0 for a leaf.</param>
/// <param name="Index">Number of the node in its level, from 0.</param>
public readonly record struct MerkleNode(int Level, long Index)
{
    /// <summary>First leaf below it.</summary>
    public long First => Index << Level;

    /// <summary>One past the last leaf below it.</summary>
    public long End => (Index + 1) << Level;
}
