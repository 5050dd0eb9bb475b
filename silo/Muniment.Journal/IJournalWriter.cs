using Muniment.Events;

namespace Muniment.Journal;

/// <summary>The only door by which events become durable. Implementations are fenced: a writer whose epoch is not the newest changes nothing.</summary>
public interface IJournalWriter
{
    /// <summary>Takes the tenant's log over: raises its epoch and returns its head. From then on commits under an older epoch fail.</summary>
    ValueTask<JournalHead> AcquireAsync(TenantId tenant, CancellationToken cancellationToken);

    /// <summary>
    /// One group commit of one tenant in one transaction: decides repeats and known ids, numbers the rest from <c>head.Size</c>, merges the Merkle
    /// peaks, inserts the commit rows, and returns after they are durable (fsync). Results stand in the order of <paramref name="group"/>.
    /// </summary>
    ValueTask<CommitOutcome> CommitAsync(JournalHead head, IReadOnlyList<PendingAppend> group, CancellationToken cancellationToken);

    /// <summary>
    /// One round of sealing what is ripe (whole blocks of 4096 events or 4 MiB) in the background class of work; returns the sealed size. A round takes some blocks only, so that
    /// a log that grows all the time does not keep other tenants waiting: call again while it advances. Safe to call at any time.
    /// </summary>
    ValueTask<long> SealAsync(JournalHead head, CancellationToken cancellationToken);
}
