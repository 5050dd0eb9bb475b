using Muniment.Events;

namespace Muniment.Journal;

/// <summary>What a tenant's journal takes on disk.</summary>
public interface IJournalUsage
{
    /// <summary>Bytes of its blocks, terms, words and index pages; what the database adds around them is not counted. Reads every row's length: ask seldom.</summary>
    Task<long> StoredBytesAsync(TenantId tenant, CancellationToken cancellationToken);
}
