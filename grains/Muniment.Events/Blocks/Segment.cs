namespace Muniment.Events.Blocks;

/// <summary>
/// At most <see cref="MaxEvents"/> events of one request, encoded, hashed, compressed and encrypted on the request's own thread, not yet numbered.
/// The committer only concatenates payloads and numbers events. Nothing here is written again after construction.
/// </summary>
/// <param name="Count">Events in it, 1 to <see cref="MaxEvents"/>.</param>
/// <param name="ReceivedNs">When the request was taken, Unix ns; the same for each event.</param>
/// <param name="MinTimeNs">Smallest <c>ts</c> in it, Unix ns.</param>
/// <param name="MaxTimeNs">Largest <c>ts</c> in it, Unix ns.</param>
/// <param name="Payload">Self-delimiting encrypted frame; layout in <c>docs/journal-format.md</c>.</param>
/// <param name="Leaves"><paramref name="Count"/> leaf hashes of 32 bytes, in order.</param>
/// <param name="Terms">Sorted distinct index terms, 6 bytes big-endian each (top 48 bits of the keyed hash).</param>
public sealed record Segment(
    int Count, long ReceivedNs, long MinTimeNs, long MaxTimeNs, ReadOnlyMemory<byte> Payload, ReadOnlyMemory<byte> Leaves, ReadOnlyMemory<byte> Terms)
{
    /// <summary>Most events of a segment, of a commit block and of a sealed block.</summary>
    public const int MaxEvents = 4096;

    private byte[]? _rented;

    /// <summary>Room for a payload of this length, to be filled before the segment is given to anybody.</summary>
    internal static byte[] Rent(int sizeBytes) => LargeArrays.Rent(sizeBytes);

    /// <summary>The same segment, which gives its payload's memory back at <see cref="Release"/>.</summary>
    internal Segment Owning(byte[] rented)
    {
        _rented = rented;
        return this;
    }

    /// <summary>
    /// The payload is not read any more by anybody, so its memory may be used again: only for who made the segment, after the append was answered definitely. Not needed; the collector
    /// takes what is not released.
    /// </summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } rented)
        {
            LargeArrays.Return(rented);
        }
    }
}
