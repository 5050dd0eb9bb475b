using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;

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
    /// <summary>From this size on a payload goes to SQLite piece by piece instead of through an array of its own, which would be one of the collector's large ones.</summary>
    private const int LargeSizeBytes = 64 * 1024;

    /// <summary>Writes it, inside the caller's transaction.</summary>
    public void Insert(DbConnection connection, long tenantNo)
    {
        string verb = SeededBugs.ReuseSeqAfterCrash ? "INSERT OR REPLACE" : "INSERT";
        int sizeBytes = Payload.Sum(part => part.Length);
        if (connection is not SqliteConnection sqlite || sizeBytes < LargeSizeBytes)
        {
            connection.Execute(Sql(verb, "@payload"), Values(tenantNo, Join(sizeBytes)));
            return;
        }

        connection.Execute(Sql(verb, "zeroblob(@payload)"), Values(tenantNo, sizeBytes));
        using var blob = new SqliteBlob(sqlite, "commit_block", "payload", SQLitePCL.raw.sqlite3_last_insert_rowid(sqlite.Handle));
        foreach (ReadOnlyMemory<byte> part in Payload)
        {
            blob.Write(part.Span);
        }
    }

    private static string Sql(string verb, string payload) => verb + $"""
         INTO commit_block(tenant_no, first_seq, last_seq, min_ns, max_ns, received_ns, root, terms, payload)
        VALUES(@tenantNo, @FirstSeq, @LastSeq, @MinNs, @MaxNs, @ReceivedNs, @Root, @Terms, {payload})
        """;

    private object Values<T>(long tenantNo, T payload) => new { tenantNo, FirstSeq, LastSeq, MinNs, MaxNs, ReceivedNs, Root, Terms, payload };

    private byte[] Join(int sizeBytes)
    {
        byte[] payload = GC.AllocateUninitializedArray<byte>(sizeBytes);
        int at = 0;
        foreach (ReadOnlyMemory<byte> part in Payload)
        {
            part.Span.CopyTo(payload.AsSpan(at));
            at += part.Length;
        }

        return payload;
    }
}
