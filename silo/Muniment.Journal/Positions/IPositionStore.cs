using System.Collections.Immutable;
using System.Data.Common;
using Muniment.Events;
using Muniment.Journal.Storage;

namespace Muniment.Journal.Positions;

/// <summary>
/// Where each projection of a tenant's log stands, with its state. State and position change in one transaction, compare-and-set on the position, so that
/// every event counts exactly once. Versions live side by side: a new one is built in the shadow from seq 0 and made live when it has caught up.
/// </summary>
public interface IPositionStore
{
    /// <summary>Takes a projection over: raises its epoch, so that an older activation can no longer advance it, and returns where it stands.</summary>
    ValueTask<ProjectionPosition> AcquireAsync(ProjectionId projection, CancellationToken cancellationToken);

    /// <summary>Where it stands, without taking it over; seq 0 and epoch 0 when it never began.</summary>
    ValueTask<ProjectionPosition> GetAsync(ProjectionId projection, CancellationToken cancellationToken);

    /// <summary>
    /// Writes the states and moves the position from <c>seen.NextSeq</c> to <paramref name="nextSeq"/> in one durable transaction.
    /// </summary>
    /// <param name="projection">Which.</param>
    /// <param name="seen">What the caller believes; the answer is null and nothing is written when it is not so any more.</param>
    /// <param name="nextSeq">First seq that is not yet folded in. A smaller one than seen rewinds.</param>
    /// <param name="states">Blobs to replace; an empty one is removed.</param>
    /// <param name="also">Statements on the caller's own tables in the same transaction, or null.</param>
    /// <param name="cancellationToken">Looked at before the write is queued.</param>
    /// <returns>The new position, or null when another one moved it or took it over.</returns>
    ValueTask<ProjectionPosition?> AdvanceAsync(
        ProjectionId projection, ProjectionPosition seen, long nextSeq, ImmutableArray<ProjectionState> states, Action<DbConnection>? also, CancellationToken cancellationToken);

    /// <summary>The same for a projection with tables of its own: in the named lane of the write queue, counted with the bytes it says.</summary>
    ValueTask<ProjectionPosition?> AdvanceAsync(ProjectionId projection, ProjectionPosition seen, long nextSeq, ProjectionRows rows, CancellationToken cancellationToken);

    /// <summary>One blob, or null.</summary>
    ValueTask<ReadOnlyMemory<byte>?> ReadStateAsync(ProjectionId projection, string key, CancellationToken cancellationToken);

    /// <summary>All blobs whose key begins with <paramref name="prefix"/>, by key.</summary>
    ValueTask<ImmutableArray<ProjectionState>> ListStatesAsync(ProjectionId projection, string prefix, CancellationToken cancellationToken);

    /// <summary>The version that answers questions; 0 when none was made live.</summary>
    ValueTask<int> GetLiveVersionAsync(string name, TenantId tenant, CancellationToken cancellationToken);

    /// <summary>Makes a version the live one.</summary>
    ValueTask SetLiveVersionAsync(ProjectionId projection, CancellationToken cancellationToken);

    /// <summary>
    /// Makes <paramref name="to"/> live instead of <paramref name="from"/> in one transaction; false, and nothing happens, when <paramref name="from"/> is not live any more or
    /// <paramref name="to"/> is behind it, so that an answer never goes back.
    /// </summary>
    ValueTask<bool> SwitchAsync(ProjectionId from, ProjectionId to, CancellationToken cancellationToken);

    /// <summary>Forgets a version's position and state.</summary>
    ValueTask DropAsync(ProjectionId projection, CancellationToken cancellationToken);
}

/// <summary>One version of one projection of one tenant's log.</summary>
/// <param name="Name">Stable name, for example <c>sessions</c> or <c>destination/splunk-prod</c>.</param>
/// <param name="Version">Version of its code, from 1.</param>
/// <param name="Tenant">Whose log.</param>
public readonly record struct ProjectionId(string Name, int Version, TenantId Tenant);

/// <summary>How far a projection is.</summary>
/// <param name="NextSeq">First seq that is not yet folded in.</param>
/// <param name="Epoch">Fencing number of the activation that advances it.</param>
public sealed record ProjectionPosition(long NextSeq, long Epoch);

/// <summary>A named blob of a projection's state.</summary>
/// <param name="Key">Name, unique in the projection.</param>
/// <param name="Value">Content; empty to remove it.</param>
public sealed record ProjectionState(string Key, ReadOnlyMemory<byte> Value);

/// <summary>Statements of a projection on its own tables.</summary>
/// <param name="Write">Runs in the transaction that moves the position. May run twice, so it must be the same each time.</param>
/// <param name="SizeBytes">Bytes that wait in the write queue.</param>
/// <param name="WriteClass">Lane of the write queue.</param>
public sealed record ProjectionRows(Action<DbConnection> Write, long SizeBytes, WriteClass WriteClass);
