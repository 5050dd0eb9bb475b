using System.Data.Common;

namespace Muniment.Journal.Storage;

/// <summary>
/// The one database of a data directory or cluster: the journal and every small table that must change together with it. Owners keep their own SQL (Dapper)
/// in their own classes and reach the tables only through this door. Delegates are synchronous, short, and never keep the connection.
/// </summary>
public interface IStateDatabase
{
    /// <summary>Which dialect the connections speak.</summary>
    StorageKind Kind { get; }

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction and returns after it is durable. An exception from the delegate undoes its own changes only. On SQLite
    /// many items share one transaction and one fsync, so the delegate must not touch anything outside before the task has completed.
    /// </summary>
    /// <param name="work">Statements to run. May be run again after a transient failure of the server, so it must not have other effects.</param>
    /// <param name="sizeBytes">Bytes that the item holds while it waits; counted against the queue's limit.</param>
    /// <param name="writeClass">Background items wait while foreground ones are queued, without starving.</param>
    /// <param name="cancellationToken">Looked at before the item is queued; a queued item always runs.</param>
    /// <exception cref="StorageBusyException">The queue is full. Nothing was written.</exception>
    /// <exception cref="StorageFullException">No space. Nothing was written; later calls may succeed.</exception>
    /// <exception cref="StorageFailedException">Storage failed. Nothing may be assumed.</exception>
    Task<T> WriteAsync<T>(Func<DbConnection, T> work, long sizeBytes = 1024, WriteClass writeClass = WriteClass.Foreground, CancellationToken cancellationToken = default);

    /// <summary>Runs <paramref name="work"/> on a read-only connection, all its statements in one snapshot.</summary>
    /// <exception cref="StorageFailedException">Storage failed.</exception>
    Task<T> ReadAsync<T>(Func<DbConnection, T> work, CancellationToken cancellationToken = default);

    /// <summary>Brings an owner's tables to their newest version. Idempotent; each step is one transaction. Call at start, before the first use.</summary>
    Task MigrateAsync(TableOwner owner, CancellationToken cancellationToken = default);
}
