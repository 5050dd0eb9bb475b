namespace Muniment.Events.Blocks.Sealed;

/// <summary>What an encoder needs while it builds one block and uses again for the next one: fresh arrays of some megabytes a block keep the collector busy. Used by one thread at a time.</summary>
internal sealed class Scratch
{
    private const int ChunkNumbers = 64 * 1024;
    private const int ChunkBytes = 256 * 1024;
    private const int KeptChunks = 8;

    private long[] _table = [];

    /// <summary>Room for numbers.</summary>
    public Slab<long> Numbers { get; } = new(ChunkNumbers, KeptChunks);

    /// <summary>Room for bytes.</summary>
    public Slab<byte> Bytes { get; } = new(ChunkBytes, KeptChunks);

    /// <summary>At least this many numbers, the same each time.</summary>
    public Span<long> Table(int count)
    {
        if (_table.Length < count)
        {
            _table = new long[Math.Max(count, Segment.MaxEvents)];
        }

        return _table;
    }

    /// <summary>Takes everything back.</summary>
    public void Reset()
    {
        Numbers.Reset();
        Bytes.Reset();
        if (_table.Length > ChunkNumbers)
        {
            _table = [];
        }
    }
}
