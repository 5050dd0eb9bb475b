using System.Runtime.CompilerServices;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// Values of one field while a block is being built: numbers, or byte strings. Byte strings are kept once each, with their numbers, until most of them turn out to differ; then one after
/// the other. Used again for the next block.
/// </summary>
internal sealed class Column
{
    private const int FirstCapacity = 16;
    private const int FirstSlots = 64;

    /// <summary>After this many values is decided whether they are kept once each.</summary>
    private const int SampleValues = 512;

    /// <summary>More different ones among those are text, not names.</summary>
    private const int MaxNames = 480;

    private const int KeptValues = 4 * Segment.MaxEvents;
    private const int KeptSizeBytes = 1024 * 1024;

    private readonly GrowingBuffer _content = new(FirstSlots);
    private long[] _numbers = new long[FirstCapacity];
    private long[] _indices = [];
    private int[] _starts = [];

    // The upper half of the hash, and the entry's number plus 1; 0 is free.
    private ulong[] _slots = [];

    /// <summary>Values so far.</summary>
    public int Count { get; private set; }

    /// <summary>Different byte strings, or all values when they are not kept once each.</summary>
    public int Entries { get; private set; }

    /// <summary>Whether byte strings were added.</summary>
    public bool IsBytes { get; private set; }

    /// <summary>Whether byte strings stand one after the other, repeats included.</summary>
    public bool IsPlain { get; private set; }

    /// <summary>Bytes of all values, repeats included.</summary>
    public long TotalBytes { get; private set; }

    /// <summary>The different byte strings, or all of them, one after the other.</summary>
    public ReadOnlyMemory<byte> Content => _content.WrittenMemory;

    /// <summary>Lengths of those.</summary>
    public ReadOnlyMemory<long> Lengths => _numbers.AsMemory(0, Entries);

    /// <summary>The entry of each value; only while repeats are kept once.</summary>
    public ReadOnlyMemory<long> Indices => _indices.AsMemory(0, Count);

    /// <summary>The numbers.</summary>
    public ReadOnlyMemory<long> Numbers => _numbers.AsMemory(0, Count);

    /// <summary>The number added last.</summary>
    public long Last => _numbers[Count - 1];

    /// <summary>Forgets everything, and gives large arrays back.</summary>
    public void Clear()
    {
        _content.Clear(KeptSizeBytes);
        if (_slots.Length > KeptValues)
        {
            _slots = [];
        }
        else if (IsBytes)
        {
            Array.Clear(_slots);
        }

        if (_numbers.Length > KeptValues)
        {
            _numbers = new long[FirstCapacity];
        }

        if (_indices.Length > KeptValues)
        {
            _indices = [];
        }

        if (_starts.Length > KeptValues)
        {
            _starts = [];
        }

        (Count, Entries, TotalBytes, IsBytes, IsPlain) = (0, 0, 0, false, false);
    }

    /// <summary>One number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(long value)
    {
        if (Count == _numbers.Length)
        {
            Array.Resize(ref _numbers, 2 * Count);
        }

        _numbers[Count++] = value;
    }

    /// <summary>One byte string.</summary>
    public void Add(ReadOnlySpan<byte> value)
    {
        TotalBytes += value.Length;
        if (IsPlain)
        {
            Append(value);
            Count++;
            return;
        }

        if (_slots.Length == 0)
        {
            _slots = new ulong[FirstSlots];
        }

        IsBytes = true;
        if (Count == _indices.Length)
        {
            Array.Resize(ref _indices, Math.Max(FirstCapacity, 2 * Count));
        }

        _indices[Count++] = Find(value);
        if (Count == SampleValues && Entries > MaxNames)
        {
            Spread();
        }
    }

    /// <summary>An entry's bytes; only while repeats are kept once.</summary>
    public ReadOnlySpan<byte> Entry(int entry) => _content.Written.Slice(_starts[entry], (int)_numbers[entry]);

    private int Find(ReadOnlySpan<byte> value)
    {
        ulong hash = ValueHash.Of(value);
        ulong[] slots = _slots;
        int mask = slots.Length - 1;
        int at = (int)hash & mask;
        for (; slots[at] != 0; at = (at + 1) & mask)
        {
            int entry = (int)(uint)slots[at] - 1;
            if ((slots[at] ^ hash) >> 32 == 0 && value.SequenceEqual(Entry(entry)))
            {
                return entry;
            }
        }

        slots[at] = (hash & 0xFFFF_FFFF_0000_0000) | (uint)(Entries + 1);
        if (Entries == _starts.Length)
        {
            Array.Resize(ref _starts, Math.Max(FirstCapacity, 2 * Entries));
        }

        _starts[Entries] = _content.Length;
        Append(value);
        if (2 * Entries > slots.Length)
        {
            Grow();
        }

        return Entries - 1;
    }

    private void Append(ReadOnlySpan<byte> value)
    {
        _content.Write(value);
        if (Entries == _numbers.Length)
        {
            Array.Resize(ref _numbers, 2 * Entries);
        }

        _numbers[Entries++] = value.Length;
    }

    private void Grow()
    {
        ulong[] grown = new ulong[2 * _slots.Length];
        int mask = grown.Length - 1;
        for (int entry = 0; entry < Entries; entry++)
        {
            ulong hash = ValueHash.Of(Entry(entry));
            int at = (int)hash & mask;
            while (grown[at] != 0)
            {
                at = (at + 1) & mask;
            }

            grown[at] = (hash & 0xFFFF_FFFF_0000_0000) | (uint)(entry + 1);
        }

        _slots = grown;
    }

    // From here on one after the other, those before too.
    private void Spread()
    {
        IsPlain = true;
        if (Entries == Count)
        {
            return;
        }

        byte[] kept = LargeArrays.Rent(_content.Length);
        _content.Written.CopyTo(kept);
        Span<long> lengths = stackalloc long[SampleValues];
        _numbers.AsSpan(0, Entries).CopyTo(lengths);
        _content.Clear(int.MaxValue);
        Entries = 0;
        for (int i = 0; i < Count; i++)
        {
            int entry = (int)_indices[i];
            Append(kept.AsSpan(_starts[entry], (int)lengths[entry]));
        }

        LargeArrays.Return(kept);
    }
}
