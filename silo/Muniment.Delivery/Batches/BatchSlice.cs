namespace Muniment.Delivery.Batches;

/// <summary>The part of a batch that goes into one request: the items of one group between two positions.</summary>
public sealed class BatchSlice
{
    private readonly Batch _batch;
    private readonly int _from;
    private readonly List<int>? _positions; // null where the items lie one after another

    /// <summary>Chooses the items of <paramref name="group"/> in <c>[from, to)</c>.</summary>
    public BatchSlice(Batch batch, byte group, int from, int to)
    {
        (_batch, Group, _from) = (batch, group, from);
        ReadOnlySpan<BatchItem> items = batch.Items.Span[from..to];
        foreach (ref readonly BatchItem item in items)
        {
            Count += item.Group == group ? 1 : 0;
        }

        if (Count == items.Length)
        {
            return;
        }

        _positions = new List<int>(Count);
        for (int i = from; i < to; i++)
        {
            if (batch.Items[i].Group == group)
            {
                _positions.Add(i);
            }
        }
    }

    /// <summary>Which group.</summary>
    public byte Group { get; }

    /// <summary>Items in it.</summary>
    public int Count { get; }

    /// <summary>Bytes of all items.</summary>
    public long SizeBytes
    {
        get
        {
            long bytes = 0;
            for (int i = 0; i < Count; i++)
            {
                bytes += this[i].Length;
            }

            return bytes;
        }
    }

    /// <summary>An item by its position in the request.</summary>
    public BatchItem this[int index] => _batch.Items[PositionOf(index)];

    /// <summary>Position in the batch of an item of the request.</summary>
    public int PositionOf(int index) => _positions is null ? _from + index : _positions[index];

    /// <summary>One item's bytes.</summary>
    public ReadOnlyMemory<byte> BytesOf(int index) => _batch.Bytes.Slice(this[index].Offset, this[index].Length);

    /// <summary>Room for the request that this slice becomes, for as long as the batch lives.</summary>
    public Memory<byte> Rent(int sizeBytes) => _batch.Rent(Group, Count == 0 ? -1 : PositionOf(0), Count, sizeBytes);

    /// <summary>The bytes of all items one after another, without a copy where they lie so.</summary>
    public ReadOnlyMemory<byte> Concatenate()
    {
        if (Count == 0)
        {
            return default;
        }

        int start = this[0].Offset;
        int end = this[Count - 1].Offset + this[Count - 1].Length;
        if (PositionOf(Count - 1) - PositionOf(0) + 1 == Count)
        {
            return _batch.Bytes[start..end];
        }

        byte[] joined = new byte[SizeBytes];
        int filled = 0;
        for (int i = 0; i < Count; i++)
        {
            BytesOf(i).CopyTo(joined.AsMemory(filled));
            filled += this[i].Length;
        }

        return joined;
    }
}
