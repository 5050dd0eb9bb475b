using Dapper;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Durability;

/// <summary>Finds out whether the database can make something durable, by doing so: one row, written again each time. An empty transaction would prove nothing, because nothing is synced for it.</summary>
public sealed class DurabilityProbe(IStateDatabase database, TimeProvider time)
{
    /// <summary>Its table.</summary>
    public static TableOwner Owner { get; } = new("probe", [new Migration(1, "CREATE TABLE durability_probe(id BIGINT NOT NULL PRIMARY KEY, written_ms BIGINT NOT NULL, times BIGINT NOT NULL)")]);

    /// <summary>Writes the row; returns after it is durable.</summary>
    /// <returns>How often it was written so far.</returns>
    public async Task<long> WriteAsync(CancellationToken cancellationToken)
    {
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        return await database.WriteAsync(
            connection => connection.ExecuteScalar<long>(
                """
                INSERT INTO durability_probe(id, written_ms, times) VALUES (0, @now, 1)
                ON CONFLICT(id) DO UPDATE SET written_ms = excluded.written_ms, times = durability_probe.times + 1
                RETURNING times
                """,
                new { now }),
            cancellationToken: cancellationToken);
    }
}
