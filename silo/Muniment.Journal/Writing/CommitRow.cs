using System.Collections.Immutable;
using System.Data.Common;
using Muniment.Journal.Sqlite;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Writing;

/// <summary>One row of <c>commit_block</c>.</summary>
/// <param name="FirstSeq">First event.</param>
/// <param name="LastSeq">Last event.</param>
/// <param name="MinNs">Smallest <c>ts</c>.</param>
/// <param name="MaxNs">Largest <c>ts</c>.</param>
/// <param name="ReceivedNs">Largest time of receipt.</param>
/// <param name="Root">Merkle root of the log after the last event.</param>
/// <param name="Terms">Lists of terms, see <see cref="TermLists"/>.</param>
/// <param name="Payload">Segments, one after the other; in memory of those who append, good until they are answered.</param>
internal sealed record CommitRow(long FirstSeq, long LastSeq, long MinNs, long MaxNs, long ReceivedNs, byte[] Root, byte[] Terms, ImmutableArray<ReadOnlyMemory<byte>> Payload)
{
    private const string Columns = " INTO commit_block(tenant_no, first_seq, last_seq, min_ns, max_ns, received_ns, root, terms, payload)";
    private const string SmallSql = "INSERT" + Columns + " VALUES(@tenantNo, @FirstSeq, @LastSeq, @MinNs, @MaxNs, @ReceivedNs, @Root, @Terms, @payload)";

    /// <summary>Writes it, inside the caller's transaction.</summary>
    public void Insert(DbConnection connection, long tenantNo)
    {
        if (connection is WriterConnection writer && !SeededBugs.ReuseSeqAfterCrash && PayloadInsert.TryJoin(Payload.AsSpan(), out byte[]? payload))
        {
            writer.Run(SmallSql, tenantNo, FirstSeq, LastSeq, MinNs, MaxNs, ReceivedNs, Root, Terms, payload);
            return;
        }

        PayloadInsert.Execute(
            connection,
            "commit_block",
            static payload => (SeededBugs.ReuseSeqAfterCrash ? "INSERT OR REPLACE" : "INSERT") + Columns + $" VALUES(@tenantNo, @FirstSeq, @LastSeq, @MinNs, @MaxNs, @ReceivedNs, @Root, @Terms, {payload})",
            payload => new { tenantNo, FirstSeq, LastSeq, MinNs, MaxNs, ReceivedNs, Root, Terms, payload },
            Payload.AsSpan());
    }
}
