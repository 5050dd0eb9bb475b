using System.Text.Json;
using Dapper;
using Muniment.Events;
using Muniment.Journal.Postgres;
using Npgsql;

namespace Muniment.Journal.Keys;

/// <summary>Wrapped keys of a cluster: a schema of their own (<c>muniment_keys</c>), so that they are dumped, granted and erased apart from the journal.</summary>
internal sealed class PostgresKeyStore : IWrappedKeyStore
{
    private readonly NpgsqlDataSource _source;

    public PostgresKeyStore(PostgresDatabase database)
    {
        _source = database.Source;
        using NpgsqlConnection connection = _source.OpenConnection();
        using NpgsqlTransaction transaction = connection.BeginTransaction();
        // CREATE … IF NOT EXISTS is not safe against another session doing the same.
        connection.Execute("SELECT pg_advisory_xact_lock(5582793190716927604)");
        connection.Execute("CREATE SCHEMA IF NOT EXISTS muniment_keys; CREATE TABLE IF NOT EXISTS muniment_keys.tenant_key(tenant TEXT PRIMARY KEY, keys TEXT NOT NULL)");
        transaction.Commit();
    }

    public WrappedKeys? Load(TenantId tenant)
    {
        using NpgsqlConnection connection = _source.OpenConnection();
        string? text = connection.QueryFirstOrDefault<string>("SELECT keys FROM muniment_keys.tenant_key WHERE tenant=@Value", new { tenant.Value });
        return text is null ? null : JsonSerializer.Deserialize<WrappedKeys>(text);
    }

    public WrappedKeys CreateOrLoad(TenantId tenant, WrappedKeys keys)
    {
        using (NpgsqlConnection connection = _source.OpenConnection())
        {
            connection.Execute(
                "INSERT INTO muniment_keys.tenant_key(tenant, keys) VALUES(@Value, @text) ON CONFLICT(tenant) DO NOTHING",
                new { tenant.Value, text = JsonSerializer.Serialize(keys) });
        }

        return Load(tenant) ?? throw new InvalidOperationException($"the keys of tenant '{tenant}' vanished");
    }

    public bool Any()
    {
        using NpgsqlConnection connection = _source.OpenConnection();
        return connection.ExecuteScalar<bool>("SELECT EXISTS(SELECT 1 FROM muniment_keys.tenant_key)");
    }
}
