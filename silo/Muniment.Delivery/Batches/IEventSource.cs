namespace Muniment.Delivery.Batches;

/// <summary>One tenant's log as delivery reads it. Thread-safe.</summary>
public interface IEventSource
{
    /// <summary>The next seq.</summary>
    ValueTask<long> SizeAsync(CancellationToken cancellationToken);

    /// <summary>Entries of <c>[from, to)</c> in seq order. A seq that is left out no longer exists (retention).</summary>
    IAsyncEnumerable<SourceBlock> ReadAsync(long from, long to, CancellationToken cancellationToken);

    /// <summary>
    /// Between which seqs of <c>[from, to)</c> an index knows entries that were denied; empty when it knows none, everything where there is no index. What goes first is decided by
    /// it, never what goes out.
    /// </summary>
    ValueTask<(long From, long To)> DeniedWithinAsync(long from, long to, CancellationToken cancellationToken) => ValueTask.FromResult((from, to));
}
