using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Muniment.Events.Hashing;

namespace Muniment.Events.Blocks;

/// <summary>Values of one kind that a segment holds already: where each lies in its content.</summary>
internal sealed class SegmentDictionary
{
    // Senders choose these bytes; a key of this process keeps them from choosing collisions.
    private static readonly ulong _processKey = MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(8));

    private readonly Dictionary<ulong, int> _byHash = [];
    private readonly List<(int Offset, int Length)> _entries = [];

    public int Count => _entries.Count;

    public (int Offset, int Length) this[int index] => _entries[index];

    public void Clear()
    {
        _byHash.Clear();
        _entries.Clear();
    }

    /// <summary>Index of a value, writing it behind <paramref name="tag"/> when it is new.</summary>
    public int Intern(GrowingBuffer content, byte tag, ReadOnlySpan<byte> value)
    {
        ulong hash = SipHash.Hash13(_processKey, ~_processKey, tag, value);
        if (_byHash.TryGetValue(hash, out int known) && content.Written.Slice(_entries[known].Offset, _entries[known].Length).SequenceEqual(value))
        {
            return known;
        }

        content.WriteByte(tag);
        content.WriteVarint((ulong)value.Length);
        int index = _entries.Count;
        _entries.Add((content.Length, value.Length));
        content.Write(value);
        _byHash[hash] = index;
        return index;
    }
}
