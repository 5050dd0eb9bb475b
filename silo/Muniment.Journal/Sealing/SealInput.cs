using System.Data.Common;
using Dapper;
using Muniment.Events.Blocks;
using Muniment.Journal.Reading;

namespace Muniment.Journal.Sealing;

/// <summary>The next commit rows that make one sealed block.</summary>
/// <param name="Rows">In seq order, consecutive.</param>
/// <param name="SealedSize">Entries that are sealed before them.</param>
internal sealed record SealInput(SealInput.CommitBlock[] Rows, long SealedSize) : IDisposable
{
    /// <summary>
    /// What is ripe, or null: rows are taken while they fit, and they are ripe when the next one does not fit or the block is full.
    /// <paramref name="after"/> is a sealed block that is still on its way into the database: what follows it is loaded.
    /// </summary>
    public static SealInput? Load(DbConnection connection, long tenantNo, long epoch, SealLimits limits, SealedBlockRow? after = null)
    {
        HeadRow? head = connection.QueryFirstOrDefault<HeadRow>("SELECT epoch AS Epoch, sealed_size AS SealedSize FROM tenant_log WHERE tenant_no=@tenantNo", new { tenantNo });
        if (head is null || head.Epoch != epoch)
        {
            return null;
        }

        long sealedSize = after is null ? head.SealedSize : after.LastSeq + 1;
        long last = FindLast(connection, tenantNo, sealedSize, limits);
        if (last < 0)
        {
            return null;
        }

        CommitBlock[] rows = connection.Query<CommitBlock>(
            """
            SELECT first_seq AS FirstSeq, last_seq AS LastSeq, min_ns AS MinNs, max_ns AS MaxNs, received_ns AS ReceivedNs, root AS Root, terms AS Terms
            FROM commit_block WHERE tenant_no=@tenantNo AND first_seq>=@first AND first_seq<=@last ORDER BY first_seq
            """,
            new { tenantNo, first = sealedSize, last }).ToArray();
        List<StoredPayload> payloads = Payloads(connection, tenantNo, rows, limits);
        if (payloads.Count == 0)
        {
            return null;
        }

        rows = rows[..payloads.Count];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i].Payload = payloads[i];
        }

        return new SealInput(rows, sealedSize);
    }

    /// <summary>Whether there is something to seal from here on.</summary>
    public static bool IsRipe(DbConnection connection, long tenantNo, long sealedSize, SealLimits limits) => FindLast(connection, tenantNo, sealedSize, limits) >= 0;

    /// <summary>Merkle peaks after what is sealed.</summary>
    public static byte[] Peaks(DbConnection connection, long tenantNo) => connection.QueryFirstOrDefault<byte[]>(
        """
        SELECT peaks FROM sealed_block WHERE tenant_no=@tenantNo AND last_seq=(SELECT sealed_size-1 FROM tenant_log WHERE tenant_no=@tenantNo)
        """,
        new { tenantNo }) ?? [];

    /// <summary>Gives the payloads' memory back.</summary>
    public void Dispose()
    {
        foreach (CommitBlock row in Rows)
        {
            row.Payload?.Dispose();
        }
    }

    // What compresses well can be far larger than its row, and the sealer holds all of it at once: rows are taken while they fit.
    private static List<StoredPayload> Payloads(DbConnection connection, long tenantNo, CommitBlock[] rows, SealLimits limits)
    {
        List<StoredPayload> payloads = new(rows.Length);
        long bytes = 0;
        foreach (CommitBlock row in rows)
        {
            if (StoredPayload.FetchCommitted(connection, tenantNo, row.FirstSeq) is not { } payload)
            {
                break; // sealed by another writer a moment ago, whose epoch will end this one's round
            }

            bytes += SegmentDecoder.MeasureRaw(payload.Bytes.Span, row.FirstSeq);
            if (payloads.Count > 0 && bytes > limits.MaxRawBytes)
            {
                payload.Dispose();
                break;
            }

            payloads.Add(payload);
        }

        return payloads;
    }

    private static long FindLast(DbConnection connection, long tenantNo, long from, SealLimits limits)
    {
        long events = 0;
        long bytes = 0;
        long last = -1;
        foreach (SizeRow row in connection.Query<SizeRow>(
            "SELECT first_seq AS FirstSeq, last_seq AS LastSeq, length(payload) AS Bytes FROM commit_block WHERE tenant_no=@tenantNo AND first_seq>=@from ORDER BY first_seq LIMIT @limit",
            new { tenantNo, from, limit = limits.MaxEvents + 1 },
            buffered: false))
        {
            long count = row.LastSeq - row.FirstSeq + 1;
            if (last >= 0 && (events + count > limits.MaxEvents || bytes + row.Bytes > limits.MaxPayloadBytes))
            {
                return last;
            }

            events += count;
            bytes += row.Bytes;
            last = row.FirstSeq;
        }

        return events >= limits.MaxEvents || bytes >= limits.MaxPayloadBytes ? last : -1;
    }

    internal sealed record CommitBlock(long FirstSeq, long LastSeq, long MinNs, long MaxNs, long ReceivedNs, byte[] Root, byte[] Terms)
    {
        /// <summary>Read apart, into memory that is used again.</summary>
        public StoredPayload? Payload { get; set; }
    }

    private sealed record HeadRow(long Epoch, long SealedSize);

    private sealed record SizeRow
    {
        public long FirstSeq { get; init; }
        public long LastSeq { get; init; }
        public long Bytes { get; init; }
    }
}
