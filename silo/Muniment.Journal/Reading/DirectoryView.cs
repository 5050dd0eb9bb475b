namespace Muniment.Journal.Reading;

/// <summary>The blocks of one tenant at one moment, in seq order. Immutable: the sealed array is shared with later views, which only write behind <paramref name="SealedCount"/>.</summary>
/// <param name="Size">Entries of the log.</param>
/// <param name="SealedSize">Entries in sealed blocks.</param>
/// <param name="Sealed">Sealed blocks.</param>
/// <param name="SealedCount">How many of them belong to this view.</param>
/// <param name="Tail">Commit blocks after them.</param>
internal sealed record DirectoryView(long Size, long SealedSize, BlockEntry[] Sealed, int SealedCount, BlockEntry[] Tail)
{
    public static DirectoryView Empty { get; } = new(0, 0, [], 0, []);

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
