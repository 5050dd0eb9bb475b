using System.Collections;

namespace Muniment.Journal.Sealing;

/// <summary>
/// A set of keyed 64-bit hashes as an open table: a third of the memory of a <see cref="HashSet{T}"/>, which for the words of a block is the difference between the processor's
/// cache and memory. The hashes spread by themselves and nobody outside can choose collisions. Not thread-safe.
/// </summary>
internal sealed class HashSlots : IReadOnlyCollection<ulong>
{
    private const int InitialSlots = 1 << 10;
    private const int KeptSlots = 1 << 18;

    // 0 marks a free slot, so 0 itself is kept apart.
    private ulong[] _slots = new ulong[InitialSlots];
    private int _used;
    private bool _zero;

    public int Count => _used + (_zero ? 1 : 0);

    /// <summary>All of them but 0, and a 0 for each free slot.</summary>
    public ReadOnlySpan<ulong> Slots => _slots;

    /// <summary>Whether 0 is one of them.</summary>
    public bool HasZero => _zero;

    /// <summary>False when it was there.</summary>
    public bool Add(ulong hash)
    {
        if (hash == 0)
        {
            return !_zero && (_zero = true);
        }

        if (!Insert(_slots, hash))
        {
            return false;
        }

        if (++_used * 2 > _slots.Length)
        {
            Grow();
        }

        return true;
    }

    public void Clear()
    {
        if (_slots.Length > KeptSlots)
        {
            _slots = new ulong[InitialSlots];
        }
        else if (_used > 0)
        {
            Array.Clear(_slots);
        }

        _used = 0;
        _zero = false;
    }

    /// <summary>All of them, ascending.</summary>
    public ulong[] ToSorted()
    {
        ulong[] sorted = new ulong[Count];
        int n = 0;
        foreach (ulong hash in this)
        {
            sorted[n++] = hash;
        }

        Array.Sort(sorted);
        return sorted;
    }

    public IEnumerator<ulong> GetEnumerator()
    {
        if (_zero)
        {
            yield return 0;
        }

        foreach (ulong slot in _slots)
        {
            if (slot != 0)
            {
                yield return slot;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static bool Insert(ulong[] slots, ulong hash)
    {
        int mask = slots.Length - 1;
        for (int i = (int)hash & mask; ; i = (i + 1) & mask)
        {
            ulong slot = slots[i];
            if (slot == hash)
            {
                return false;
            }

            if (slot == 0)
            {
                slots[i] = hash;
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
