namespace Muniment.Journal.Index;

/// <summary>"This term is in this block of the run", as one sortable number: 48 bits of term, 14 bits of block.</summary>
internal static class Posting
{
    /// <summary>Bits of a block's place in its run.</summary>
    public const int BlockBits = 14;

    /// <summary>Most blocks of a run.</summary>
    public const int MaxBlocks = 1 << BlockBits;

    public static ulong Of(ulong term, int block) => (term << BlockBits) | (uint)block;

    public static ulong Term(ulong posting) => posting >> BlockBits;

    public static int Block(ulong posting) => (int)(posting & (MaxBlocks - 1));
}
