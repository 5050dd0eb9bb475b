using System.Buffers.Binary;

namespace Muniment.Events.Blocks;

/// <summary>Distinct 48-bit terms of one segment: an open hash table, because sorting every repeat would cost more than all the rest of the index.</summary>
internal sealed class TermSet
{
    private const int InitialSlots = 4096;

    // 0 marks a free slot; terms are kept plus one.
    private ulong[] _slots = new ulong[InitialSlots];
    private ulong[] _sorted = [];

    public int Count { get; private set; }

    public void Clear()
    {
        if (_slots.Length > InitialSlots * 16)
        {
            _slots = new ulong[InitialSlots];
        }
        else if (Count > 0)
        {
            Array.Clear(_slots);
        }

        Count = 0;
    }

    public void Add(ulong term)
    {
        if (Insert(_slots, term + 1))
        {
            Count++;
            if (Count * 2 > _slots.Length)
            {
                Grow();
            }
        }
    }

    /// <summary>All terms, ascending, 6 bytes big-endian each.</summary>
    public byte[] ToSortedBytes()
    {
        if (_sorted.Length < Count)
        {
            _sorted = new ulong[_slots.Length / 2];
        }

        int n = 0;
        foreach (ulong slot in _slots)
        {
            if (slot != 0)
            {
                _sorted[n++] = slot - 1;
            }
        }

        Array.Sort(_sorted, 0, n);
        byte[] bytes = new byte[n * 6];
        for (int i = 0; i < n; i++)
        {
            Span<byte> target = bytes.AsSpan(i * 6, 6);
            BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)(_sorted[i] >> 32));
            BinaryPrimitives.WriteUInt32BigEndian(target[2..], (uint)_sorted[i]);
        }

        return bytes;
    }

    // Terms are keyed hashes already, so their low bits spread well and nobody outside can choose collisions.
    private static bool Insert(ulong[] slots, ulong value)
    {
        int mask = slots.Length - 1;
        for (int i = (int)value & mask; ; i = (i + 1) & mask)
        {
            if (slots[i] == value)
            {
                return false;
            }

            if (slots[i] == 0)
            {
                slots[i] = value;
                return true;
            }
        }
    }

    private void Grow()
    {
        ulong[] grown = new ulong[_slots.Length * 2];
        foreach (ulong slot in _slots)
        {
            if (slot != 0)
            {
                Insert(grown, slot);
            }
        }

        _slots = grown;
    }
}
