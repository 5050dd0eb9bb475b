using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json;
using Dapper;
using Muniment.Delivery.Machine;
using Muniment.Delivery.Storage;
using Muniment.Events;
using Muniment.Journal.Storage;

namespace Muniment.Grains.Destinations;

/// <summary>Destinations in the platform's database. The fence is a condition of every write, so a doubled activation cannot move a position.</summary>
public sealed class SqlDestinationStore(IStateDatabase database) : IDestinationStore
{
    /// <summary>Its tables.</summary>
    public static TableOwner Owner { get; } = new("delivery", [new Migration(1, """
        CREATE TABLE destination(
          tenant TEXT NOT NULL, id TEXT NOT NULL, fence BIGINT NOT NULL, version BIGINT NOT NULL, config {blob} NOT NULL, secrets {blob} NOT NULL, state {blob}{external} NOT NULL,
          PRIMARY KEY(tenant, id));
        CREATE TABLE destination_receipt(
          tenant TEXT NOT NULL, id TEXT NOT NULL, number BIGINT NOT NULL, json {blob} NOT NULL, hash TEXT NOT NULL,
          PRIMARY KEY(tenant, id, number)){without_rowid};
        CREATE TABLE destination_dead_letter(
          tenant TEXT NOT NULL, id TEXT NOT NULL, seq BIGINT NOT NULL, first_ms BIGINT NOT NULL, attempts BIGINT NOT NULL, json {blob} NOT NULL,
          PRIMARY KEY(tenant, id, seq)){without_rowid};
        """)]);

    /// <inheritdoc/>
    public async Task<bool> CreateAsync(DestinationRow row, CancellationToken cancellationToken) => await database.WriteAsync(
        connection => connection.Execute(
            """
            INSERT INTO destination(tenant, id, fence, version, config, secrets, state) VALUES(@Tenant, @Id, @Fence, @Version, @Config, @Secrets, @State)
            ON CONFLICT(tenant, id) DO NOTHING
            """,
            Parameters(row)) == 1,
        SizeOf(row), cancellationToken: cancellationToken);

    /// <inheritdoc/>
    public async Task<DestinationRow?> AcquireAsync(TenantId tenant, string id, CancellationToken cancellationToken) => ToRow(await database.WriteAsync(
        connection => connection.QueryFirstOrDefault<Row>(
            "UPDATE destination SET fence=fence+1 WHERE tenant=@Tenant AND id=@Id RETURNING tenant, id, fence, version, config, secrets, state", Key(tenant, id)),
        cancellationToken: cancellationToken));

    /// <inheritdoc/>
    public async Task<bool> SaveAsync(DestinationRow row, Changes changes, bool configChanged, CancellationToken cancellationToken)
    {
        // Copied now: the delegate runs later, on the writer's thread, and may run twice.
        Receipt[] receipts = [.. changes.Receipts];
        DeadLetter[] letters = [.. changes.DeadLetters];
        long[] redeemed = [.. changes.Redeemed];
        DynamicParameters parameters = Parameters(row);
        return await database.WriteAsync(
            connection => Save(connection, parameters, row, receipts, letters, redeemed, configChanged),
            SizeOf(row) + receipts.Sum(r => (long)r.Json.Length) + letters.Length * 1024L, cancellationToken: cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<bool> DeleteAsync(TenantId tenant, string id, long fence, CancellationToken cancellationToken) => await database.WriteAsync(
        connection =>
        {
            if (connection.Execute("DELETE FROM destination WHERE tenant=@Tenant AND id=@Id AND fence=@fence", new { Tenant = tenant.Value, Id = id, fence }) != 1)
            {
                return false;
            }

            connection.Execute("DELETE FROM destination_receipt WHERE tenant=@Tenant AND id=@Id", Key(tenant, id));
            connection.Execute("DELETE FROM destination_dead_letter WHERE tenant=@Tenant AND id=@Id", Key(tenant, id));
            return true;
        },
        cancellationToken: cancellationToken);

    /// <inheritdoc/>
    public async Task<DestinationRow?> FindAsync(TenantId tenant, string id, CancellationToken cancellationToken) => ToRow(await database.ReadAsync(
        connection => connection.QueryFirstOrDefault<Row>("SELECT tenant, id, fence, version, config, secrets, state FROM destination WHERE tenant=@Tenant AND id=@Id", Key(tenant, id)),
        cancellationToken));

    /// <inheritdoc/>
    public async Task<ImmutableArray<DestinationRow>> ListAsync(TenantId? tenant, CancellationToken cancellationToken)
    {
        string where = tenant is null ? "" : " WHERE tenant=@Tenant";
        IEnumerable<Row> rows = await database.ReadAsync(
            connection => connection.Query<Row>($"SELECT tenant, id, fence, version, config, secrets, state FROM destination{where} ", new { Tenant = tenant?.Value }).AsList(),
            cancellationToken);
        // Ordered here: a server sorts by its own collation, and pages are cut by ordinal comparison.
        return [.. rows.OrderBy(r => r.Tenant, StringComparer.Ordinal).ThenBy(r => r.Id, StringComparer.Ordinal).Select(r => ToRow(r)!)];
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<Receipt>> ReadReceiptsAsync(TenantId tenant, string id, long from, int limit, CancellationToken cancellationToken)
    {
        IEnumerable<ReceiptRow> rows = await database.ReadAsync(
            connection => connection.Query<ReceiptRow>(
                "SELECT number, json, hash FROM destination_receipt WHERE tenant=@Tenant AND id=@Id AND number>=@from ORDER BY number LIMIT @limit",
                new { Tenant = tenant.Value, Id = id, from, limit }).AsList(),
            cancellationToken);
        return [.. rows.Select(r => new Receipt { Number = r.Number, Json = r.Json, Hash = r.Hash })];
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<DeadLetter>> ReadDeadLettersAsync(TenantId tenant, string id, long from, int limit, CancellationToken cancellationToken)
    {
        IEnumerable<DeadLetterRow> rows = await database.ReadAsync(
            connection => connection.Query<DeadLetterRow>(
                "SELECT first_ms AS FirstMs, attempts AS Attempts, json AS Json FROM destination_dead_letter WHERE tenant=@Tenant AND id=@Id AND seq>=@from ORDER BY seq LIMIT @limit",
                new { Tenant = tenant.Value, Id = id, from, limit }).AsList(),
            cancellationToken);
        return
        [
            .. rows.Select(r => JsonSerializer.Deserialize<DeadLetter>(r.Json)! with { First = DateTimeOffset.FromUnixTimeMilliseconds(r.FirstMs), Attempts = (int)r.Attempts }),
        ];
    }

    private static bool Save(DbConnection connection, DynamicParameters parameters, DestinationRow row, Receipt[] receipts, DeadLetter[] letters, long[] redeemed, bool configChanged)
    {
        string config = configChanged ? ", version=@Version, config=@Config, secrets=@Secrets" : "";
        if (connection.Execute($"UPDATE destination SET state=@State{config} WHERE tenant=@Tenant AND id=@Id AND fence=@Fence", parameters) != 1)
        {
            return false;
        }

        foreach (Receipt receipt in receipts)
        {
            connection.Execute(
                "INSERT INTO destination_receipt(tenant, id, number, json, hash) VALUES(@Tenant, @Id, @Number, @Json, @Hash)",
                new { Tenant = row.Tenant.Value, row.Id, receipt.Number, Json = receipt.Json.ToArray(), receipt.Hash });
        }

        foreach (DeadLetter letter in letters)
        {
            connection.Execute(
                """
                INSERT INTO destination_dead_letter(tenant, id, seq, first_ms, attempts, json) VALUES(@Tenant, @Id, @Seq, @First, @Attempts, @Json)
                ON CONFLICT(tenant, id, seq) DO UPDATE SET attempts=destination_dead_letter.attempts+excluded.attempts, json=excluded.json
                """,
                new { Tenant = row.Tenant.Value, row.Id, letter.Seq, First = letter.First.ToUnixTimeMilliseconds(), letter.Attempts, Json = JsonSerializer.SerializeToUtf8Bytes(letter) });
        }

        foreach (long seq in redeemed)
        {
            connection.Execute("DELETE FROM destination_dead_letter WHERE tenant=@Tenant AND id=@Id AND seq=@seq", new { Tenant = row.Tenant.Value, row.Id, seq });
        }

        return true;
    }

    private static object Key(TenantId tenant, string id) => new { Tenant = tenant.Value, Id = id };

    private static long SizeOf(DestinationRow row) => 1024L + row.Config.Length + row.Secrets.Length + row.State.Length;

    private static DynamicParameters Parameters(DestinationRow row) => new(new
    {
        Tenant = row.Tenant.Value, row.Id, row.Fence, Version = (long)row.Version, Config = row.Config.ToArray(), Secrets = row.Secrets.ToArray(), State = row.State.ToArray(),
    });

    private static DestinationRow? ToRow(Row? row) =>
        row is null ? null : new DestinationRow(TenantId.Parse(row.Tenant), row.Id, row.Fence, (int)row.Version, row.Config, row.Secrets, row.State);

    private sealed record Row(string Tenant, string Id, long Fence, long Version, byte[] Config, byte[] Secrets, byte[] State);

    private sealed record ReceiptRow(long Number, byte[] Json, string Hash);

    private sealed record DeadLetterRow(long FirstMs, long Attempts, byte[] Json);
}
