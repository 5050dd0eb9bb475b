namespace Muniment.Journal.Reading;

/// <summary>What the directory knows of one block without reading it.</summary>
/// <param name="FirstSeq">First event.</param>
/// <param name="LastSeq">Last event.</param>
/// <param name="MinNs">Smallest <c>ts</c>.</param>
/// <param name="MaxNs">Largest <c>ts</c>.</param>
/// <param name="TailTerms">Commit blocks: their terms. Sealed blocks: null, their terms are in the index.</param>
internal sealed record BlockEntry(long FirstSeq, long LastSeq, long MinNs, long MaxNs, byte[]? TailTerms)
{
    public bool IsSealed => TailTerms is null;
}
