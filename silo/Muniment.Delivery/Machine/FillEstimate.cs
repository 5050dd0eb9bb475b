using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Machine;

/// <summary>
/// How many entries of the log fill a request, as the last full batch shows: so many need not wait for more. What is not selected counts among them, so that a destination that
/// selects little still waits. Not known, and then as many as are configured, until a batch was full and after one that was not.
/// </summary>
public sealed class FillEstimate
{
    private long _entries;
    private long _bytes;

    /// <summary>A batch was built.</summary>
    public void Built(Batch batch)
    {
        if (batch.Items.Count > 0)
        {
            (_entries, _bytes) = batch.Full ? (batch.Last + 1 - batch.First, batch.Bytes.Length) : (0, 0);
        }
    }

    /// <summary>Entries that fill a request of so many bytes.</summary>
    /// <param name="sizeBytes">Bytes of the next request.</param>
    /// <param name="maxEvents">Most events that the configuration allows.</param>
    public long Entries(int sizeBytes, int maxEvents) => _bytes == 0 ? maxEvents : Math.Clamp(_entries * sizeBytes / _bytes, 1, maxEvents);
}
