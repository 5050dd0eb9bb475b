namespace Muniment.Delivery.Batches;

/// <summary>
/// Counts the memory of all batches of a process. Nobody is stopped by it: who would build a larger batch than its kind begins with and finds no room builds one of that first
/// size instead, so that many destinations that work off a backlog together do not all grow. Thread-safe.
/// </summary>
public sealed class BatchBudget(long mostBytes = BatchBudget.MostBytes)
{
    /// <summary>Bytes up to which batches may be larger than their kind begins with.</summary>
    public const long MostBytes = 64L << 20;

    private long _heldBytes;
    private long _denied;

    /// <summary>Bytes that batches hold now.</summary>
    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <summary>Batches that found no room to be larger.</summary>
    public long Denied => Interlocked.Read(ref _denied);

    /// <summary>Takes room where there is some; false, and counted, where not.</summary>
    public bool TryTake(long sizeBytes)
    {
        for (long held = HeldBytes; held + sizeBytes <= mostBytes; held = HeldBytes)
        {
            if (Interlocked.CompareExchange(ref _heldBytes, held + sizeBytes, held) == held)
            {
                return true;
            }
        }

        Interlocked.Increment(ref _denied);
        return false;
    }

    /// <summary>Takes room whether there is some or not; gives it back when negative.</summary>
    public void Take(long sizeBytes) => Interlocked.Add(ref _heldBytes, sizeBytes);
}
