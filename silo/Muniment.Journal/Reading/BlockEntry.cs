namespace Muniment.Journal.Reading;

/// <summary>What the directory knows of one block without reading it.</summary>
/// <param name="FirstSeq">First event.</param>
/// <param name="LastSeq">Last event.</param>
/// <param name="MinNs">Smallest <c>ts</c>.</param>
/// <param name="MaxNs">Largest <c>ts</c>.</param>
/// <param name="ReceivedNs">Largest time of receipt.</param>
/// <param name="IsSealed">Sealed, or still a commit block.</param>
internal sealed record BlockEntry(long FirstSeq, long LastSeq, long MinNs, long MaxNs, long ReceivedNs, bool IsSealed)
{
    /// <summary>
    /// Its terms (<see cref="Writing.TermLists"/>), once a query has asked for them and until it is in a run of the index. Followers never ask, and at the full rate they are what
    /// the directory would hold most of.
    /// </summary>
    public byte[]? Terms { get; set; }
}
