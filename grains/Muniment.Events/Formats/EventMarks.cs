namespace Muniment.Events.Formats;

/// <summary>
/// <c>muniment.{origin,seq,leaf,destination,epoch,n}</c> of one delivered event, with which a receiver finds gaps and proves an event. A value that refers to
/// what the destination shares, so marking an event allocates nothing.
/// </summary>
/// <param name="Of">Log and destination; null when there are no marks.</param>
/// <param name="Seq">Position in the tenant's log.</param>
/// <param name="Leaf">Leaf hash of the entry, 32 bytes, or empty when it is not known.</param>
/// <param name="Epoch">The destination's epoch.</param>
/// <param name="N">Its number within the epoch.</param>
public readonly record struct EventMarks(DestinationMarks? Of, long Seq, ReadOnlyMemory<byte> Leaf, long Epoch, long N)
{
    /// <summary>No marks: a test event or an export.</summary>
    public static EventMarks None => default;

    /// <summary>Whether there are none.</summary>
    public bool IsNone => Of is null;
}
