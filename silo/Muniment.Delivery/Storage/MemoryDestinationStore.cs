using System.Collections.Immutable;
using Muniment.Delivery.Machine;
using Muniment.Events;

namespace Muniment.Delivery.Storage;

/// <summary>The store in memory, for tests and simulations.</summary>
public sealed class MemoryDestinationStore : IDestinationStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(TenantId, string), Entry> _entries = [];

    /// <inheritdoc/>
    public Task<bool> CreateAsync(DestinationRow row, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(_entries.TryAdd((row.Tenant, row.Id), new Entry { Row = row }));
        }
    }

    /// <inheritdoc/>
    public Task<DestinationRow?> AcquireAsync(TenantId tenant, string id, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue((tenant, id), out Entry? entry))
            {
                return Task.FromResult<DestinationRow?>(null);
            }

            entry.Row = entry.Row with { Fence = entry.Row.Fence + 1 };
            return Task.FromResult<DestinationRow?>(entry.Row);
        }
    }

    /// <inheritdoc/>
    public Task<bool> SaveAsync(DestinationRow row, Changes changes, bool configChanged, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue((row.Tenant, row.Id), out Entry? entry) || entry.Row.Fence != row.Fence)
            {
                return Task.FromResult(false);
            }

            entry.Row = configChanged ? row : entry.Row with { State = row.State };
            entry.Receipts.AddRange(changes.Receipts);
            foreach (DeadLetter letter in changes.DeadLetters)
            {
                entry.DeadLetters[letter.Seq] = entry.DeadLetters.TryGetValue(letter.Seq, out DeadLetter? before)
                    ? letter with { First = before.First, Attempts = before.Attempts + letter.Attempts }
                    : letter;
            }

            foreach (long seq in changes.Redeemed)
            {
                entry.DeadLetters.Remove(seq);
            }

            return Task.FromResult(true);
        }
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(TenantId tenant, string id, long fence, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(_entries.TryGetValue((tenant, id), out Entry? entry) && entry.Row.Fence == fence && _entries.Remove((tenant, id)));
        }
    }

    /// <inheritdoc/>
    public Task<DestinationRow?> FindAsync(TenantId tenant, string id, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult(_entries.TryGetValue((tenant, id), out Entry? entry) ? entry.Row : null);
        }
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<DestinationRow>> ListAsync(TenantId? tenant, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<ImmutableArray<DestinationRow>>([.. _entries.Values.Select(e => e.Row).Where(r => tenant is null || r.Tenant == tenant).OrderBy(r => r.Id, StringComparer.Ordinal)]);
        }
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<Receipt>> ReadReceiptsAsync(TenantId tenant, string id, long from, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<ImmutableArray<Receipt>>(_entries.TryGetValue((tenant, id), out Entry? entry) ? [.. entry.Receipts.Where(r => r.Number >= from).Take(limit)] : []);
        }
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<DeadLetter>> ReadDeadLettersAsync(TenantId tenant, string id, long from, int limit, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return Task.FromResult<ImmutableArray<DeadLetter>>(_entries.TryGetValue((tenant, id), out Entry? entry) ? [.. entry.DeadLetters.Values.Where(d => d.Seq >= from).Take(limit)] : []);
        }
    }

    private sealed class Entry
    {
        public required DestinationRow Row { get; set; }
        public List<Receipt> Receipts { get; } = [];
        public SortedDictionary<long, DeadLetter> DeadLetters { get; } = [];
    }
}
