using System.Data.Common;
using Dapper;
using Muniment.Journal.Storage;
using Muniment.Journal.Writing;

namespace Muniment.Journal.Sealing;

/// <summary>Forgets what the journal no longer needs: digests past their time, pages of index runs that a crash left behind. Sealing thread only.</summary>
internal sealed class Housekeeper(IStateDatabase database, TimeProvider time)
{
    private const int RowsPerWrite = 5000;
    private const int PagesPerShrink = 128;
    private const int MinFreePages = 1024;
    private const int FreeShare = 50;
    private static readonly TimeSpan s_pause = TimeSpan.FromMinutes(10);

    private readonly Dictionary<long, DateTimeOffset> _swept = [];

    /// <summary>Sweeps a tenant, at most every ten minutes.</summary>
    public void Sweep(long tenantNo)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_swept.TryGetValue(tenantNo, out DateTimeOffset last) && now - last < s_pause)
        {
            return;
        }

        _swept[tenantNo] = now;
        long today = (now - DateTimeOffset.UnixEpoch).Ticks * 100 / Deduplicator.DayNs;
        InSteps(connection => connection.Execute(
            """
            DELETE FROM dedup_request WHERE tenant_no=@tenantNo AND day<@oldest AND digest IN (
              SELECT digest FROM dedup_request WHERE tenant_no=@tenantNo AND day<@oldest LIMIT @count)
            """,
            new { tenantNo, oldest = today - 1, count = RowsPerWrite }));
        InSteps(connection => connection.Execute(
            """
            DELETE FROM dedup_id WHERE tenant_no=@tenantNo AND generation<@oldest AND id IN (
              SELECT id FROM dedup_id WHERE tenant_no=@tenantNo AND generation<@oldest LIMIT @count)
            """,
            new { tenantNo, oldest = OldestGeneration(connection, tenantNo), count = RowsPerWrite }));
        InSteps(connection => connection.Execute(
            "DELETE FROM dedup_generation WHERE tenant_no=@tenantNo AND generation<@oldest", new { tenantNo, oldest = OldestGeneration(connection, tenantNo) }));
        InSteps(connection => connection.Execute(
            """
            DELETE FROM index_page WHERE tenant_no=@tenantNo AND run_no NOT IN (SELECT run_no FROM index_run WHERE tenant_no=@tenantNo) AND fence IN (
              SELECT fence FROM index_page WHERE tenant_no=@tenantNo AND run_no NOT IN (SELECT run_no FROM index_run WHERE tenant_no=@tenantNo) LIMIT @count)
            """,
            new { tenantNo, count = RowsPerWrite }));
    }

    /// <summary>
    /// Gives free pages back to the file system, some at a time, when a backlog of commit blocks has been sealed and the file is a good deal larger than what is in it.
    /// A server looks after its own files.
    /// </summary>
    public void Shrink(Func<bool> stopping)
    {
        if (database.Kind != StorageKind.Sqlite)
        {
            return;
        }

        while (!stopping())
        {
            (long free, long pages) = database.ReadAsync(connection =>
                (connection.ExecuteScalar<long>("PRAGMA freelist_count"), connection.ExecuteScalar<long>("PRAGMA page_count"))).GetAwaiter().GetResult();
            if (free <= Math.Max(MinFreePages, pages / FreeShare))
            {
                return;
            }

            long left = database.WriteAsync(
                connection =>
                {
                    connection.Execute($"PRAGMA incremental_vacuum({PagesPerShrink})");
                    return connection.ExecuteScalar<long>("PRAGMA freelist_count");
                },
                1024,
                WriteClass.Background).GetAwaiter().GetResult();
            if (left >= free)
            {
                return; // a file from before auto_vacuum, or appends freed nothing meanwhile
            }
        }
    }

    /// <summary>The current generation and the one before are asked; everything older is not.</summary>
    private static long OldestGeneration(DbConnection connection, long tenantNo) =>
        (connection.ExecuteScalar<long?>("SELECT MAX(generation) FROM dedup_generation WHERE tenant_no=@tenantNo", new { tenantNo }) ?? 1) - 1;

    private void InSteps(Func<DbConnection, int> delete)
    {
        int deleted;
        do
        {
            deleted = database.WriteAsync(
                connection =>
                {
                    int rows = delete(connection);
                    Failpoints.Pass(Failpoints.DedupPurge);
                    return rows;
                },
                1024,
                WriteClass.Background).GetAwaiter().GetResult();
        }
        while (deleted >= RowsPerWrite);
    }
}
