using System.Collections.Immutable;
using System.Data.Common;
using Dapper;
using Muniment.Events;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Positions;

/// <inheritdoc cref="IPositionStore"/>
internal sealed class PositionStore(IStateDatabase database) : IPositionStore
{
    public static TableOwner Owner { get; } = new("positions", [new Migration(1, """
        CREATE TABLE position(
          name TEXT NOT NULL, version BIGINT NOT NULL, tenant TEXT NOT NULL, next_seq BIGINT NOT NULL, epoch BIGINT NOT NULL,
          PRIMARY KEY(name, version, tenant));
        CREATE TABLE position_state(
          name TEXT NOT NULL, version BIGINT NOT NULL, tenant TEXT NOT NULL, state_key TEXT NOT NULL, value {blob}{external} NOT NULL,
          PRIMARY KEY(name, version, tenant, state_key));
        CREATE TABLE position_live(name TEXT NOT NULL, tenant TEXT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY(name, tenant));
        """)]);

    public async ValueTask<ProjectionPosition> AcquireAsync(ProjectionId projection, CancellationToken cancellationToken) => await database.WriteAsync(
        connection => connection.QuerySingle<ProjectionPosition>(
            """
            INSERT INTO position(name, version, tenant, next_seq, epoch) VALUES(@Name, @Version, @Tenant, 0, 1)
            ON CONFLICT(name, version, tenant) DO UPDATE SET epoch=position.epoch+1 RETURNING next_seq AS NextSeq, epoch AS Epoch
            """,
            Key(projection)),
        cancellationToken: cancellationToken);

    public async ValueTask<ProjectionPosition> GetAsync(ProjectionId projection, CancellationToken cancellationToken) => await database.ReadAsync(
        connection => connection.QueryFirstOrDefault<ProjectionPosition>(
            "SELECT next_seq AS NextSeq, epoch AS Epoch FROM position WHERE name=@Name AND version=@Version AND tenant=@Tenant", Key(projection)),
        cancellationToken) ?? new ProjectionPosition(0, 0);

    public ValueTask<ProjectionPosition?> AdvanceAsync(
        ProjectionId projection, ProjectionPosition seen, long nextSeq, ImmutableArray<ProjectionState> states, Action<DbConnection>? also, CancellationToken cancellationToken) =>
        AdvanceAsync(
            projection, seen, nextSeq, states, new ProjectionRows(also ?? (static _ => { }), states.Sum(state => (long)state.Value.Length), WriteClass.Foreground), cancellationToken);

    public ValueTask<ProjectionPosition?> AdvanceAsync(ProjectionId projection, ProjectionPosition seen, long nextSeq, ProjectionRows rows, CancellationToken cancellationToken) =>
        AdvanceAsync(projection, seen, nextSeq, [], rows, cancellationToken);

    private async ValueTask<ProjectionPosition?> AdvanceAsync(
        ProjectionId projection, ProjectionPosition seen, long nextSeq, ImmutableArray<ProjectionState> states, ProjectionRows rows, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(seen);
        ArgumentNullException.ThrowIfNull(rows);
        try
        {
            return await database.WriteAsync(
                connection => Advance(connection, projection, seen, nextSeq, states, rows.Write), 1024 + rows.SizeBytes, rows.WriteClass, cancellationToken);
        }
        catch (MovedException)
        {
            return null;
        }
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(ProjectionId projection, string key, CancellationToken cancellationToken)
    {
        byte[]? value = await database.ReadAsync(
            connection => connection.QueryFirstOrDefault<byte[]>(
                "SELECT value FROM position_state WHERE name=@Name AND version=@Version AND tenant=@Tenant AND state_key=@StateKey", Key(projection, key)),
            cancellationToken);
        return value is null ? default(ReadOnlyMemory<byte>?) : new ReadOnlyMemory<byte>(value);
    }

    public async ValueTask<ImmutableArray<ProjectionState>> ListStatesAsync(ProjectionId projection, string prefix, CancellationToken cancellationToken) =>
        await database.ReadAsync(
            connection => connection
                .Query<StateRow>(
                    """
                    SELECT state_key AS StateKey, value AS Value FROM position_state
                    WHERE name=@Name AND version=@Version AND tenant=@Tenant AND substr(state_key, 1, length(@StateKey))=@StateKey ORDER BY state_key
                    """,
                    Key(projection, prefix))
                .Select(row => new ProjectionState(row.StateKey, row.Value)).ToImmutableArray(),
            cancellationToken);

    public async ValueTask<int> GetLiveVersionAsync(string name, TenantId tenant, CancellationToken cancellationToken) => (int)await database.ReadAsync(
        connection => connection.ExecuteScalar<long>("SELECT version FROM position_live WHERE name=@name AND tenant=@Value", new { name, tenant.Value }), cancellationToken);

    public async ValueTask SetLiveVersionAsync(ProjectionId projection, CancellationToken cancellationToken) => await database.WriteAsync(
        connection => connection.Execute(
            "INSERT INTO position_live(name, tenant, version) VALUES(@Name, @Tenant, @Version) ON CONFLICT(name, tenant) DO UPDATE SET version=excluded.version", Key(projection)),
        cancellationToken: cancellationToken);

    public async ValueTask<bool> SwitchAsync(ProjectionId from, ProjectionId to, CancellationToken cancellationToken) => await database.WriteAsync(
        connection => connection.Execute(
            """
            UPDATE position_live SET version=@To WHERE name=@Name AND tenant=@Tenant AND version=@Version
              AND (SELECT next_seq FROM position WHERE name=@Name AND tenant=@Tenant AND version=@To)
                >= COALESCE((SELECT next_seq FROM position WHERE name=@Name AND tenant=@Tenant AND version=@Version), 0)
            """,
            new { from.Name, Version = (long)from.Version, Tenant = from.Tenant.Value, To = (long)to.Version }) == 1,
        cancellationToken: cancellationToken);

    public async ValueTask DropAsync(ProjectionId projection, CancellationToken cancellationToken) => await database.WriteAsync(
        connection =>
        {
            connection.Execute("DELETE FROM position_state WHERE name=@Name AND version=@Version AND tenant=@Tenant", Key(projection));
            return connection.Execute("DELETE FROM position WHERE name=@Name AND version=@Version AND tenant=@Tenant", Key(projection));
        },
        cancellationToken: cancellationToken);

    private static ProjectionPosition Advance(
        DbConnection connection, ProjectionId projection, ProjectionPosition seen, long nextSeq, ImmutableArray<ProjectionState> states, Action<DbConnection> also)
    {
        foreach (ProjectionState state in states)
        {
            if (state.Value.IsEmpty)
            {
                connection.Execute("DELETE FROM position_state WHERE name=@Name AND version=@Version AND tenant=@Tenant AND state_key=@StateKey", Key(projection, state.Key));
                continue;
            }

            connection.Execute(
                """
                INSERT INTO position_state(name, version, tenant, state_key, value) VALUES(@Name, @Version, @Tenant, @Key, @Value)
                ON CONFLICT(name, version, tenant, state_key) DO UPDATE SET value=excluded.value
                """,
                new { projection.Name, Version = (long)projection.Version, Tenant = projection.Tenant.Value, state.Key, Value = state.Value.ToArray() });
        }

        also(connection);
        Failpoints.Pass(Failpoints.PositionAdvance);
        int changed = connection.Execute(
            "UPDATE position SET next_seq=@nextSeq WHERE name=@Name AND version=@Version AND tenant=@Tenant AND next_seq=@NextSeqSeen AND epoch=@Epoch",
            new { nextSeq, projection.Name, Version = (long)projection.Version, Tenant = projection.Tenant.Value, NextSeqSeen = seen.NextSeq, seen.Epoch });
        return changed == 1 ? seen with { NextSeq = nextSeq } : throw new MovedException();
    }

    private static object Key(ProjectionId projection) => new { projection.Name, Version = (long)projection.Version, Tenant = projection.Tenant.Value };

    private static object Key(ProjectionId projection, string stateKey) =>
        new { projection.Name, Version = (long)projection.Version, Tenant = projection.Tenant.Value, StateKey = stateKey };

    /// <summary>Undoes the transaction of an overtaken projection; never leaves this class.</summary>
    private sealed class MovedException() : Exception("the position was moved by another one");

    private sealed record StateRow(string StateKey, byte[] Value);
}
