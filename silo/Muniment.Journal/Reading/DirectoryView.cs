using Muniment.Journal.Index;

namespace Muniment.Journal.Reading;

/// <summary>
/// The blocks of one tenant at one moment, in seq order. The sealed array is shared with later views, which write behind <paramref name="SealedCount"/> or
/// take the terms out of a block that is indexed now; seen from an older view such a block merely counts as one that may match.
/// </summary>
/// <param name="Size">Entries of the log.</param>
/// <param name="SealedSize">Entries in sealed blocks.</param>
/// <param name="Sealed">Sealed blocks.</param>
/// <param name="SealedCount">How many of them belong to this view.</param>
/// <param name="Tail">Commit blocks after them.</param>
/// <param name="IndexVersion">Changes whenever runs change.</param>
/// <param name="Runs">Runs of the term index, in seq order.</param>
internal sealed record DirectoryView(long Size, long SealedSize, BlockEntry[] Sealed, int SealedCount, BlockEntry[] Tail, long IndexVersion, IndexRun[] Runs)
{
    public static DirectoryView Empty { get; } = new(0, 0, [], 0, [], 0, []);

    /// <summary>The run that covers a sealed block, or null.</summary>
    public IndexRun? RunOf(BlockEntry block)
    {
        int low = 0;
        int high = Runs.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            IndexRun run = Runs[middle];
            if (run.LastSeq < block.FirstSeq)
            {
                low = middle + 1;
            }
            else if (run.FirstSeq > block.FirstSeq)
            {
                high = middle - 1;
            }
            else
            {
                return run;
            }
        }

        return null;
    }

    /// <summary>Place of a sealed block among all sealed blocks.</summary>
    public int SealedIndex(long seq) => FirstEndingAtOrAfter(Sealed.AsSpan(0, SealedCount), seq);

    /// <summary>The block that holds this seq, else the next one; null at the end.</summary>
    public BlockEntry? AtOrAfter(long seq)
    {
        ReadOnlySpan<BlockEntry> sealedBlocks = Sealed.AsSpan(0, SealedCount);
        int index = FirstEndingAtOrAfter(sealedBlocks, seq);
        if (index < sealedBlocks.Length)
        {
            return sealedBlocks[index];
        }

        index = FirstEndingAtOrAfter(Tail, seq);
        return index < Tail.Length ? Tail[index] : null;
    }

    /// <summary>The block that holds this seq, else the one before; null at the beginning.</summary>
    public BlockEntry? AtOrBefore(long seq)
    {
        // The candidate is the last block that begins at or before seq.
        int index = FirstEndingAtOrAfter(Tail, seq);
        if (index < Tail.Length && Tail[index].FirstSeq <= seq)
        {
            return Tail[index];
        }

        if (index > 0)
        {
            return Tail[index - 1];
        }

        ReadOnlySpan<BlockEntry> sealedBlocks = Sealed.AsSpan(0, SealedCount);
        index = FirstEndingAtOrAfter(sealedBlocks, seq);
        if (index < sealedBlocks.Length && sealedBlocks[index].FirstSeq <= seq)
        {
            return sealedBlocks[index];
        }

        return index > 0 ? sealedBlocks[index - 1] : null;
    }

    private static int FirstEndingAtOrAfter(ReadOnlySpan<BlockEntry> blocks, long seq)
    {
        int low = 0;
        int high = blocks.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (blocks[middle].LastSeq < seq)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
