using System.Data.Common;
using Dapper;
using Muniment.Events.Blocks;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Sealing;

/// <summary>
/// Everything that takes the place of some commit rows, the last of which was written with <paramref name="Root"/>. Its payload is lent: whoever has written it gives it back.
/// </summary>
internal sealed record SealedBlockRow(
    long FirstSeq, long LastSeq, long MinNs, long MaxNs, long ReceivedNs, byte[] Root, LentBytes Payload, byte[] Terms, byte[] Bloom) : IDisposable
{
    /// <summary>Merkle peaks after it; null until it has been verified.</summary>
    public byte[]? Peaks { get; set; }

    public long SizeBytes => Payload.Bytes.Length + Terms.Length + Bloom.Length;

    /// <summary>Writes it and what belongs to it, inside the caller's transaction.</summary>
    /// <exception cref="InvalidOperationException">It has not been verified.</exception>
    public void Insert(DbConnection connection, long tenantNo)
    {
        byte[] peaks = Peaks ?? throw new InvalidOperationException($"the sealed block from seq {FirstSeq} is not verified");
        PayloadInsert.Execute(
            connection,
            "sealed_block",
            static payload => $"""
            INSERT INTO sealed_block(tenant_no, first_seq, last_seq, min_ns, max_ns, received_ns, peaks, payload)
            VALUES(@tenantNo, @FirstSeq, @LastSeq, @MinNs, @MaxNs, @ReceivedNs, @Peaks, {payload})
            """,
            payload => new { tenantNo, FirstSeq, LastSeq, MinNs, MaxNs, ReceivedNs, Peaks = peaks, payload },
            [Payload.Bytes]);
        connection.Execute("INSERT INTO sealed_terms(tenant_no, first_seq, terms) VALUES(@tenantNo, @FirstSeq, @Terms)", new { tenantNo, FirstSeq, Terms });
        connection.Execute("INSERT INTO block_bloom(tenant_no, first_seq, bloom) VALUES(@tenantNo, @FirstSeq, @Bloom)", new { tenantNo, FirstSeq, Bloom });
    }

    public void Dispose() => Payload.Dispose();
}
