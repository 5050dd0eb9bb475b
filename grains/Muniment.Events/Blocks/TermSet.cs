using System.Buffers.Binary;

namespace Muniment.Events.Blocks;

/// <summary>Distinct 48-bit terms of one segment: an open hash table, because sorting every repeat would cost more than all the rest of the index.</summary>
internal sealed class TermSet
{
    private const int InitialSlots = 4096;

    // Up to here slots are freed one by one: a segment of a single event would otherwise pay for the whole table.
    private const int FewTerms = 256;

    // 0 marks a free slot; terms are kept plus one.
    private ulong[] _slots = new ulong[InitialSlots];

    // The terms as they came.
    private ulong[] _terms = new ulong[FewTerms];

    public int Count { get; private set; }

    public void Clear()
    {
        if (_slots.Length > InitialSlots * 16)
        {
            _slots = new ulong[InitialSlots];
            _terms = new ulong[FewTerms];
        }
        else if (Count > FewTerms)
        {
            Array.Clear(_slots);
        }
        else
        {
            ClearFew();
        }

        Count = 0;
    }

    public void Add(ulong term)
    {
        if (Insert(_slots, term + 1))
        {
            if (Count == _terms.Length)
            {
                Array.Resize(ref _terms, Count * 2);
            }

            _terms[Count++] = term;
            if (Count * 2 > _slots.Length)
            {
                Grow();
            }
        }
    }

    /// <summary>All terms, ascending, 6 bytes big-endian each.</summary>
    public byte[] ToSortedBytes()
    {
        Span<ulong> sorted = _terms.AsSpan(0, Count);
        sorted.Sort();
        byte[] bytes = new byte[sorted.Length * 6];
        for (int i = 0; i < sorted.Length; i++)
        {
            Span<byte> target = bytes.AsSpan(i * 6, 6);
            BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)(sorted[i] >> 32));
            BinaryPrimitives.WriteUInt32BigEndian(target[2..], (uint)sorted[i]);
        }

        return bytes;
    }

    // From a term's own slot to the end of its run: whatever of a run is freed, is freed to the run's end, so every other term of it is still reached from its own slot or free already.
    private void ClearFew()
    {
        int mask = _slots.Length - 1;
        foreach (ulong term in _terms.AsSpan(0, Count))
        {
            for (int i = (int)(term + 1) & mask; _slots[i] != 0; i = (i + 1) & mask)
            {
                _slots[i] = 0;
            }
        }
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
