using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Muniment.Trust.Merkle;

namespace Muniment.Journal.Writing;

/// <summary>Between a head and the Merkle tree it ends.</summary>
internal static class Frontier
{
    public static MerkleFrontier Restore(JournalHead head) => new(head.Size, head.Peaks.AsSpan());

    public static ImmutableArray<byte> Peaks(MerkleFrontier tree) => ImmutableCollectionsMarshal.AsImmutableArray(tree.Peaks());
}
