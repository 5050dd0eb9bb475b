using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Muniment.Events;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Writing;

/// <summary>The small number that stands for a tenant in the journal's rows. Given once, never changed, so it is kept in memory.</summary>
internal sealed class TenantNumbers(IStateDatabase database)
{
    private readonly ConcurrentDictionary<TenantId, long> _known = new();

    /// <summary>The number, or null for a tenant that never wrote.</summary>
    public async ValueTask<long?> FindAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(tenant, out long known))
        {
            return known;
        }

        long? found = await database.ReadAsync(
            connection => connection.ExecuteScalar<long?>("SELECT tenant_no FROM tenant_log WHERE tenant=@Value", new { tenant.Value }), cancellationToken);
        if (found is { } number)
        {
            _known[tenant] = number;
        }

        return found;
    }

    /// <summary>In a write transaction: makes the tenant's row when it has none.</summary>
    public static void Ensure(DbConnection connection, TenantId tenant) => connection.Execute(
        """
        INSERT INTO tenant_log(tenant, tenant_no, epoch, size, sealed_size, index_version, peaks)
        SELECT @Value, COALESCE(MAX(tenant_no), 0) + 1, 0, 0, 0, 0, @Peaks FROM tenant_log WHERE 1=1
        ON CONFLICT(tenant) DO NOTHING
        """,
        new { tenant.Value, Peaks = Array.Empty<byte>() });
}
