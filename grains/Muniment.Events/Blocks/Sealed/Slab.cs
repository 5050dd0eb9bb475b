namespace Muniment.Events.Blocks.Sealed;

/// <summary>Room that the building of one block takes piece by piece and gives back all at once, for the next block. Used by one thread at a time.</summary>
internal sealed class Slab<T>(int chunkLength, int keptChunks)
{
    private readonly List<T[]> _chunks = [];
    private int _chunk;
    private int _used;

    /// <summary>This many values of any content.</summary>
    public Memory<T> Take(int count)
    {
        for (; _chunk < _chunks.Count; _chunk++, _used = 0)
        {
            if (_chunks[_chunk].Length - _used >= count)
            {
                _used += count;
                return _chunks[_chunk].AsMemory(_used - count, count);
            }
        }

        _chunks.Add(GC.AllocateUninitializedArray<T>(Math.Max(chunkLength, count)));
        _used = count;
        return _chunks[_chunk].AsMemory(0, count);
    }

    /// <summary>Takes everything back; what an unusual block needed beyond the usual is let go.</summary>
    public void Reset()
    {
        _chunks.RemoveAll(chunk => chunk.Length > chunkLength);
        if (_chunks.Count > keptChunks)
        {
            _chunks.RemoveRange(keptChunks, _chunks.Count - keptChunks);
        }

        (_chunk, _used) = (0, 0);
    }
}
