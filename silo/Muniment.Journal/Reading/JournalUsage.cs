using Dapper;
using Muniment.Events;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Reading;

/// <summary>Sums lengths: both databases know a blob's length without reading it.</summary>
internal sealed class JournalUsage(IStateDatabase database) : IJournalUsage
{
    public Task<long> StoredBytesAsync(TenantId tenant, CancellationToken cancellationToken) => database.ReadAsync(
        connection => connection.ExecuteScalar<long>(
            """
            SELECT CAST(
              COALESCE((SELECT SUM(length(payload) + length(terms)) FROM commit_block b WHERE b.tenant_no = t.tenant_no), 0)
              + COALESCE((SELECT SUM(length(payload)) FROM sealed_block b WHERE b.tenant_no = t.tenant_no), 0)
              + COALESCE((SELECT SUM(length(terms)) FROM sealed_terms b WHERE b.tenant_no = t.tenant_no), 0)
              + COALESCE((SELECT SUM(length(bloom)) FROM block_bloom b WHERE b.tenant_no = t.tenant_no), 0)
              + COALESCE((SELECT SUM(length(page)) FROM index_page b WHERE b.tenant_no = t.tenant_no), 0) AS BIGINT)
            FROM tenant_log t WHERE t.tenant = @tenant
            """,
            new { tenant = tenant.Value }),
        cancellationToken);
}
