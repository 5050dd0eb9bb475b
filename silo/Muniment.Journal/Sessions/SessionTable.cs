using System.Collections.Immutable;
using System.Data;
using System.Data.Common;
using System.Text;
using Dapper;
using Muniment.Events;
using Muniment.Events.Canonical.Sessions;
using Muniment.Events.Keys;
using Muniment.Journal.Positions;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Sessions;

/// <summary>The table of folded sessions, one row a session and version of the projection.</summary>
public sealed class SessionTable(IStateDatabase database, ITenantKeyring keyring)
{
    /// <summary>Its tables.</summary>
    public static TableOwner Owner { get; } = new("sessions", [new Migration(1, """
        CREATE TABLE session_row(
          tenant TEXT NOT NULL, version BIGINT NOT NULL, session TEXT NOT NULL, last_seq BIGINT NOT NULL, user_term BIGINT, agent_term BIGINT, project_term BIGINT,
          state {blob}{external} NOT NULL,
          PRIMARY KEY(tenant, version, session));
        CREATE INDEX session_row_newest ON session_row(tenant, version, last_seq);
        """)]);

    /// <summary>The folds of some sessions; those that are not there are left out.</summary>
    internal async Task<List<SessionFold>> FindAsync(ProjectionId projection, IReadOnlyCollection<string> sessions, CancellationToken cancellationToken)
    {
        TenantKeys keys = keyring.Current(projection.Tenant);
        string[] wanted = [.. sessions.Select(session => SessionRow.KeyOf(keys, session))];
        List<Stored> rows = await database.ReadAsync(
            connection =>
            {
                var found = new List<Stored>(wanted.Length);
                foreach (string session in wanted)
                {
                    if (connection.QueryFirstOrDefault<Stored>(
                        "SELECT session AS Session, last_seq AS LastSeq, state AS State FROM session_row WHERE tenant=@Tenant AND version=@Version AND session=@session",
                        new { Tenant = projection.Tenant.Value, Version = (long)projection.Version, session }) is { } row)
                    {
                        found.Add(row);
                    }
                }

                return found;
            },
            cancellationToken);
        return Open(projection, rows);
    }

    /// <summary>A page of rows before a seq, newest first, narrowed by hashes; who asks still looks at each fold. Empty when there are no more rows.</summary>
    internal async Task<(List<SessionFold> Folds, long Before)> PageAsync(ProjectionId projection, SessionFilter filter, long before, int limit, CancellationToken cancellationToken)
    {
        TenantKeys keys = keyring.Current(projection.Tenant);
        var sql = new StringBuilder("SELECT session AS Session, last_seq AS LastSeq, state AS State FROM session_row WHERE tenant=@Tenant AND version=@Version AND last_seq<@before");
        var parameters = new DynamicParameters(new { Tenant = projection.Tenant.Value, Version = (long)projection.Version, before, limit });
        Narrow("user_term", TermField.User, filter.User ?? filter.OwnUser);
        Narrow("agent_term", TermField.Agent, filter.Agent);
        Narrow("project_term", TermField.Project, filter.Project ?? filter.OwnProject);
        sql.Append(" ORDER BY last_seq DESC LIMIT @limit");
        List<Stored> rows = await database.ReadAsync(connection => connection.Query<Stored>(sql.ToString(), parameters).AsList(), cancellationToken);
        return (Open(projection, rows), rows.Count == 0 ? -1 : rows[^1].LastSeq);

        void Narrow(string column, TermField field, string? value)
        {
            if (SessionRow.TermOf(keys, field, value) is { } term)
            {
                sql.Append(" AND ").Append(column).Append("=@").Append(column);
                parameters.Add(column, term);
            }
        }
    }

    /// <summary>What replaces the rows of some folds, ready to run in the transaction that moves the position.</summary>
    internal ProjectionRows Replace(ProjectionId projection, IReadOnlyCollection<SessionFold> folds)
    {
        TenantKeys keys = keyring.Current(projection.Tenant);
        ImmutableArray<SessionRow> rows = [.. folds.Select(fold => SessionRow.Seal(keys, projection.Version, fold))];
        return new ProjectionRows(connection => Write(connection, projection, rows), rows.Sum(row => 256L + row.State.Length), WriteClass.Background);
    }

    /// <summary>Deletes some rows of a version; the number deleted.</summary>
    internal Task<int> DropAsync(ProjectionId projection, int limit, CancellationToken cancellationToken) => database.WriteAsync(
        connection => connection.Execute(
            """
            DELETE FROM session_row WHERE tenant=@Tenant AND version=@Version
              AND session IN (SELECT session FROM session_row WHERE tenant=@Tenant AND version=@Version LIMIT @limit)
            """,
            new { Tenant = projection.Tenant.Value, Version = (long)projection.Version, limit }),
        writeClass: WriteClass.Background, cancellationToken: cancellationToken);

    /// <summary>Versions of a tenant that have rows.</summary>
    internal Task<List<long>> VersionsAsync(TenantId tenant, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.Query<long>("SELECT DISTINCT version FROM session_row WHERE tenant=@Value", new { tenant.Value }).AsList(), cancellationToken);

    private List<SessionFold> Open(ProjectionId projection, List<Stored> rows) =>
        [.. rows.Select(row => SessionRow.Open(keyring, projection.Tenant, projection.Version, row.Session, row.State)).OfType<SessionFold>()];

    /// <summary>One command for all rows, because the journal's writer is held meanwhile: an object of parameters a row would be bound by name, with several tries a name, each time.</summary>
    private static void Write(DbConnection connection, ProjectionId projection, ImmutableArray<SessionRow> rows)
    {
        using DbCommand command = connection.CreateCommand();
        command.CommandText = """
            INSERT INTO session_row(tenant, version, session, last_seq, user_term, agent_term, project_term, state)
            VALUES(@Tenant, @Version, @Session, @LastSeq, @UserTerm, @AgentTerm, @ProjectTerm, @State)
            ON CONFLICT(tenant, version, session) DO UPDATE SET last_seq=excluded.last_seq, user_term=excluded.user_term, agent_term=excluded.agent_term,
              project_term=excluded.project_term, state=excluded.state
            """;
        command.Add("@Tenant", projection.Tenant.Value);
        command.Add("@Version", (long)projection.Version);
        DbParameter session = command.Add("@Session");
        DbParameter lastSeq = command.Add("@LastSeq");
        DbParameter user = command.Add("@UserTerm");
        DbParameter agent = command.Add("@AgentTerm");
        DbParameter project = command.Add("@ProjectTerm");
        DbParameter state = command.Add("@State");
        user.DbType = agent.DbType = project.DbType = DbType.Int64; // they may be null
        foreach (SessionRow row in rows)
        {
            session.Value = row.Session;
            lastSeq.Value = row.LastSeq;
            user.Value = row.UserTerm ?? (object)DBNull.Value;
            agent.Value = row.AgentTerm ?? (object)DBNull.Value;
            project.Value = row.ProjectTerm ?? (object)DBNull.Value;
            state.Value = row.State;
            command.ExecuteNonQuery();
        }
    }

    private sealed record Stored(string Session, long LastSeq, byte[] State);
}
