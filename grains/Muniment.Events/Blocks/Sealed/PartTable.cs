namespace Muniment.Events.Blocks.Sealed;

/// <summary>Envelopes, resources or scopes of a block, each kept once, and which event has which. Used again for the next block.</summary>
internal sealed class PartTable
{
    private readonly Dictionary<ulong, int> _known = [];
    private readonly List<ReadOnlyMemory<byte>> _parts = [];

    /// <summary>The different parts.</summary>
    public Column Parts { get; } = new();

    /// <summary>Number of each event's part.</summary>
    public Column Indices { get; } = new();

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _known.Clear();
        _parts.Clear();
        Parts.Clear();
        Indices.Clear();
    }

    public void Add(ReadOnlyMemory<byte> part)
    {
        // Decoded events share their parts' memory, so the same as last time needs no hash.
        if (Indices.Count > 0 && _parts[(int)Indices.Last].Equals(part))
        {
            Indices.Add(Indices.Last);
            return;
        }

        ulong hash = ValueHash.Of(part.Span);
        if (!(_known.TryGetValue(hash, out int index) && _parts[index].Span.SequenceEqual(part.Span)))
        {
            index = _parts.Count;
            _known[hash] = index;
            _parts.Add(part);
            Parts.Add(part.Span);
        }

        Indices.Add(index);
    }
}
