using System.Collections.Immutable;
using Dapper;
using Muniment.Journal.Storage;
using Muniment.Messages.Tenants;

namespace Muniment.Grains.Tenants;

/// <summary>Policies' versions in the platform's database.</summary>
public sealed class SqlPolicyStore(IStateDatabase database) : IPolicyStore
{
    private const string Columns = "name AS Name, version AS Version, digest AS Digest, created_ms AS CreatedMs, author AS Author";

    /// <summary>Its table.</summary>
    public static TableOwner Owner { get; } = new("policies", [new Migration(1, """
        CREATE TABLE policy_version(
          tenant TEXT NOT NULL, name TEXT NOT NULL, version BIGINT NOT NULL, digest TEXT NOT NULL, content TEXT NOT NULL, source TEXT NOT NULL, created_ms BIGINT NOT NULL, author TEXT NOT NULL,
          PRIMARY KEY(tenant, name, version));
        """)]);

    /// <inheritdoc/>
    public Task PutAsync(string tenant, PolicyMessage policy) => database.WriteAsync(
        connection => connection.Execute(
            """
            INSERT INTO policy_version(tenant, name, version, digest, content, source, created_ms, author) VALUES(@tenant, @Name, @Version, @Digest, @Content, @Source, @CreatedMs, @By)
            ON CONFLICT(tenant, name, version) DO UPDATE SET digest=excluded.digest, content=excluded.content, source=excluded.source, created_ms=excluded.created_ms, author=excluded.author
            """,
            new { tenant, policy.Name, policy.Version, policy.Digest, policy.Content, policy.Source, policy.CreatedMs, policy.By }),
        policy.Content.Length + policy.Source.Length);

    /// <inheritdoc/>
    public async Task<PolicyMessage?> FindAsync(string tenant, string name, long version) => await database.ReadAsync(
        connection => connection.QuerySingleOrDefault<Row>(
            $"SELECT {Columns}, content AS Content, source AS Source FROM policy_version WHERE tenant=@tenant AND name=@name AND version=@version", new { tenant, name, version })) is { } row
        ? Message(row)
        : null;

    /// <inheritdoc/>
    public async Task<ImmutableArray<PolicyMessage>> ListAsync(string tenant, string name, long below, int limit)
    {
        List<Row> rows = await database.ReadAsync(connection => connection.Query<Row>(
            $"SELECT {Columns} FROM policy_version WHERE tenant=@tenant AND name=@name AND version<@below ORDER BY version DESC LIMIT @limit", new { tenant, name, below, limit }).AsList());
        return [.. rows.Select(Message)];
    }

    private static PolicyMessage Message(Row row) => new(row.Name, row.Version, row.Digest, row.Content ?? "", row.CreatedMs, row.Author, row.Source ?? "");

    private sealed class Row
    {
        public string Name { get; set; } = "";

        public long Version { get; set; }

        public string Digest { get; set; } = "";

        public string? Content { get; set; }

        public string? Source { get; set; }

        public long CreatedMs { get; set; }

        public string Author { get; set; } = "";
    }
}
