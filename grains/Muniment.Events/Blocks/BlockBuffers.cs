using System.Buffers;
using System.Runtime.InteropServices;

namespace Muniment.Events.Blocks;

/// <summary>
/// Events of several commit blocks, decoded into memory that is used again: for one reader that looks at many blocks one after another and keeps nothing of them. What it hands out
/// is good until <see cref="Clear"/>. Not thread-safe.
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
    public void Add(DecodedBlock block)
    {
        ArgumentNullException.ThrowIfNull(block);
        block.Events.AsSpan().CopyTo(Reserve(block.Events.Length));
        _ranges.AddRange(block.Ranges.AsSpan());
    }

    /// <summary>Forgets everything and gives the memory back.</summary>
    public void Clear()
    {
        _rented.ForEach(bytes => ArrayPool<byte>.Shared.Return(bytes));
        _rented.Clear();
        _ranges.Clear();
        _events.AsSpan(0, _count).Clear(); // they would keep other blocks' bytes alive
        _count = 0;
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    /// <summary>Memory of this length, of any content, until <see cref="Clear"/>.</summary>
    internal Memory<byte> Rent(int length)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(length);
        _rented.Add(bytes);
        return bytes.AsMemory(0, length);
    }

    /// <summary>Places for the next events.</summary>
    internal Span<StoredEvent> Reserve(int count)
    {
        if (_events.Length - _count < count)
        {
            Array.Resize(ref _events, Math.Max(_count + count, Segment.MaxEvents));
        }

        _count += count;
        return _events.AsSpan(_count - count, count);
    }

    /// <summary>Notes where the last events came from.</summary>
    internal void Add(NonceRange range) => _ranges.Add(range);
}
