using System.Collections.Immutable;
using Muniment.Delivery.Machine;
using Muniment.Events;

namespace Muniment.Delivery.Storage;

/// <summary>Durable control state of destinations. Every write returns after it is on disk. Thread-safe.</summary>
public interface IDestinationStore
{
    /// <summary>Makes a destination; false when the id is taken.</summary>
    Task<bool> CreateAsync(DestinationRow row, CancellationToken cancellationToken);

    /// <summary>Takes a destination over: raises its fence and reads it; null when there is none.</summary>
    Task<DestinationRow?> AcquireAsync(TenantId tenant, string id, CancellationToken cancellationToken);

    /// <summary>Writes state and changes in one transaction, and configuration and secrets when their version moved; false when another activation took over.</summary>
    Task<bool> SaveAsync(DestinationRow row, Changes changes, bool configChanged, CancellationToken cancellationToken);

    /// <summary>Removes a destination with its receipts and dead letters; false when another activation took over.</summary>
    Task<bool> DeleteAsync(TenantId tenant, string id, long fence, CancellationToken cancellationToken);

    /// <summary>Reads one without taking it over; null when there is none.</summary>
    Task<DestinationRow?> FindAsync(TenantId tenant, string id, CancellationToken cancellationToken);

    /// <summary>All destinations of a tenant by id, or of all tenants.</summary>
    Task<ImmutableArray<DestinationRow>> ListAsync(TenantId? tenant, CancellationToken cancellationToken);

    /// <summary>Receipts with a number of at least <paramref name="from"/>, in order.</summary>
    Task<ImmutableArray<Receipt>> ReadReceiptsAsync(TenantId tenant, string id, long from, int limit, CancellationToken cancellationToken);

    /// <summary>Dead letters with a seq of at least <paramref name="from"/>, in order.</summary>
    Task<ImmutableArray<DeadLetter>> ReadDeadLettersAsync(TenantId tenant, string id, long from, int limit, CancellationToken cancellationToken);
}
