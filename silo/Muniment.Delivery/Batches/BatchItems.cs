using System.Buffers;
using System.Collections;

namespace Muniment.Delivery.Batches;

/// <summary>
/// The items of a batch, in memory that is used again: an array for thousands of them is one of the collector's large objects. One writer; after <see cref="Dispose"/> it is empty.
/// </summary>
public sealed class BatchItems(int capacity = 64) : IReadOnlyList<BatchItem>, IDisposable
{
    private BatchItem[] _items = ArrayPool<BatchItem>.Shared.Rent(capacity);

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public BatchItem this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count);
            return _items[index];
        }
    }

    /// <summary>All of them, until another one comes.</summary>
    public ReadOnlySpan<BatchItem> Span => _items.AsSpan(0, Count);

    /// <summary>Puts one behind the others.</summary>
    public void Add(in BatchItem item)
    {
        if (Count == _items.Length)
        {
            BatchItem[] larger = ArrayPool<BatchItem>.Shared.Rent(Math.Max(Count * 2, 64));
            _items.AsSpan(0, Count).CopyTo(larger);
            ArrayPool<BatchItem>.Shared.Return(_items, clearArray: true);
            _items = larger;
        }

        _items[Count++] = item;
    }

    /// <summary>Takes the last one away.</summary>
    public void RemoveLast() => _items[--Count] = default;

    /// <inheritdoc/>
    public IEnumerator<BatchItem> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return _items[i];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        BatchItem[] items = _items;
        (_items, Count) = ([], 0);
        if (items.Length > 0)
        {
            ArrayPool<BatchItem>.Shared.Return(items, clearArray: true); // ids are not kept alive
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
