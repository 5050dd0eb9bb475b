using System.Buffers;
using System.Runtime.InteropServices;

namespace Muniment.Events.Blocks;

/// <summary>
/// Events of commit blocks, decoded into memory that is used again: for readers that keep nothing of what they have read. What it hands out is good until <see cref="Clear"/>.
/// Not thread-safe.
/// </summary>
public sealed class BlockBuffers : IDisposable
{
    private readonly List<byte[]> _rented = [];
    private readonly List<NonceRange> _ranges = [];
    private StoredEvent[] _events = [];
    private int _count;

    /// <summary>All events, in the order in which they were added.</summary>
    public ReadOnlySpan<StoredEvent> Events => _events.AsSpan(0, _count);

    /// <summary>From which segments they came.</summary>
    public ReadOnlySpan<NonceRange> Ranges => CollectionsMarshal.AsSpan(_ranges);

    /// <summary>Adds what somebody else decoded; its bytes stay theirs.</summary>
    public void Add(ReadOnlySpan<StoredEvent> events, ReadOnlySpan<NonceRange> ranges)
    {
        events.CopyTo(Reserve(events.Length));
        _ranges.AddRange(ranges);
    }

    /// <summary>Some of the events as a list.</summary>
    public ArraySegment<StoredEvent> Slice(int start, int count) => new ArraySegment<StoredEvent>(_events, 0, _count).Slice(start, count);

    /// <summary>Forgets everything and gives the memory back.</summary>
    public void Clear()
    {
        _rented.ForEach(LargeArrays.Return);
        _rented.Clear();
        _ranges.Clear();
        GiveBack(_events, _count);
        _events = [];
        _count = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    /// <summary>Memory of this length, of any content, until <see cref="Clear"/>.</summary>
    internal Memory<byte> Rent(int length)
    {
        byte[] bytes = LargeArrays.Rent(length);
        _rented.Add(bytes);
        return bytes.AsMemory(0, length);
    }

    /// <summary>Places for the next events.</summary>
    internal Span<StoredEvent> Reserve(int count)
    {
        if (_events.Length - _count < count)
        {
            StoredEvent[] larger = ArrayPool<StoredEvent>.Shared.Rent(Math.Max(_count + count, 2 * _count));
            Events.CopyTo(larger);
            GiveBack(_events, _count);
            _events = larger;
        }

        _count += count;
        return _events.AsSpan(_count - count, count);
    }

    /// <summary>Notes where the last events came from.</summary>
    internal void Add(NonceRange range) => _ranges.Add(range);

    private static void GiveBack(StoredEvent[] events, int count)
    {
        if (events.Length > 0)
        {
            events.AsSpan(0, count).Clear(); // they would keep other blocks' bytes alive
            ArrayPool<StoredEvent>.Shared.Return(events);
        }
    }
}
