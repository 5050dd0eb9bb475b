namespace Muniment.Journal.Reading;

/// <summary>What the directory knows of one block without reading it.</summary>
/// <param name="FirstSeq">First event.</param>
/// <param name="LastSeq">Last event.</param>
/// <param name="MinNs">Smallest <c>ts</c>.</param>
/// <param name="MaxNs">Largest <c>ts</c>.</param>
/// <param name="ReceivedNs">Largest time of receipt.</param>
/// <param name="IsSealed">Sealed, or still a commit block.</param>
/// <param name="Terms">Its terms while it is in no run of the index yet (<see cref="Writing.TermLists"/>); null after.</param>
internal sealed record BlockEntry(long FirstSeq, long LastSeq, long MinNs, long MaxNs, long ReceivedNs, bool IsSealed, byte[]? Terms);
