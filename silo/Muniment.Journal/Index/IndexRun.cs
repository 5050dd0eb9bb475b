using System.Collections.Frozen;

namespace Muniment.Journal.Index;

/// <summary>One sorted run of the term index, over consecutive sealed blocks.</summary>
/// <param name="RunNo">Its number; pages carry it.</param>
/// <param name="Level">0: 64 blocks, 1: 1,024, 2: 16,384.</param>
/// <param name="FirstSeq">First event of its first block.</param>
/// <param name="LastSeq">Last event of its last block.</param>
/// <param name="Blocks">Number of blocks.</param>
/// <param name="Common">Terms in so many of its blocks that they are not written: they count as being in every block.</param>
internal sealed record IndexRun(long RunNo, int Level, long FirstSeq, long LastSeq, int Blocks, FrozenSet<ulong> Common)
{
    /// <summary>A term in more than this share of a run's blocks is common, in percent.</summary>
    public const int CommonPercent = 30;

    public static bool IsCommon(int blocksWithTerm, int blocks) => blocksWithTerm * 100L > blocks * (long)CommonPercent;
}
