namespace Muniment.Journal.Writing;

/// <summary>One row of <c>commit_block</c>.</summary>
/// <param name="FirstSeq">First event.</param>
/// <param name="LastSeq">Last event.</param>
/// <param name="MinNs">Smallest <c>ts</c>.</param>
/// <param name="MaxNs">Largest <c>ts</c>.</param>
/// <param name="ReceivedNs">Largest time of receipt.</param>
/// <param name="Root">Merkle root of the log after the last event.</param>
/// <param name="Terms">Lists of terms, see <see cref="TermLists"/>.</param>
/// <param name="Payload">Segments, one after the other.</param>
internal sealed record CommitRow(long FirstSeq, long LastSeq, long MinNs, long MaxNs, long ReceivedNs, byte[] Root, byte[] Terms, byte[] Payload);
