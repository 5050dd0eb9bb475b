using System.Runtime.CompilerServices;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>A column's values. They are taken from the last to the first, because records are written from their end.</summary>
internal sealed class DecodedColumn
{
    private byte[] _content = [];
    private int[] _starts = [];
    private long[] _numbers = [];
    private long[]? _indices;
    private int _next;
    private bool[]? _found;
    private bool[]? _escaped;

    /// <summary>Different values that are stored (entries of a dictionary, or all values).</summary>
    public int Entries => _numbers.Length;

    /// <summary>Whether every value was taken.</summary>
    public bool IsUsedUp => _next == 0;

    public static DecodedColumn OfNumbers(long[] numbers) => new() { _numbers = numbers, _next = numbers.Length };

    public static DecodedColumn OfTexts(byte[] content, long[] lengths)
    {
        int[] starts = new int[lengths.Length];
        int at = 0;
        for (int i = 0; i < starts.Length; i++)
        {
            starts[i] = at;
            at += (int)lengths[i];
        }

        return new DecodedColumn { _content = content, _numbers = lengths, _starts = starts, _next = lengths.Length };
    }

    /// <summary>Makes a dictionary's entries the values that these indices name.</summary>
    public void Spread(long[] indices)
    {
        foreach (long index in indices)
        {
            if ((ulong)index >= (ulong)_numbers.Length)
            {
                throw new ArgumentOutOfRangeException(nameof(indices), index, $"the dictionary has {_numbers.Length} entries");
            }
        }

        _indices = indices;
        _next = indices.Length;
    }

    /// <summary>Its entries are looked up; there is nothing to take.</summary>
    public void UseAsTable() => _next = 0;

    /// <summary>An entry, as text.</summary>
    public ReadOnlyMemory<byte> Entry(int entry) => _content.AsMemory(_starts[entry], (int)_numbers[entry]);

    /// <summary>The value before the one taken last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> TakeText()
    {
        long entry = --_next;
        if (_indices is not null)
        {
            entry = _indices[entry];
        }

        return _content.AsSpan(_starts[entry], (int)_numbers[entry]);
    }

    /// <summary>The number before the one taken last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long TakeNumber() => _numbers[--_next];

    /// <summary>Notes which values have a needle, and which have a backslash, so that <see cref="Skip"/> can tell.</summary>
    public void Look(RowNeedles needles)
    {
        foreach (byte[] needle in needles.AnyOf)
        {
            Mark(needle, ref _found);
        }

        Mark("\\"u8, ref _escaped);
    }

    /// <summary>Passes over a value; whether a needle stands in it, or a backslash where that counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Skip(bool escapes)
    {
        long entry = --_next;
        bool[]? escaped = escapes ? _escaped : null;
        if (_found is null && escaped is null)
        {
            // One place more than there are values is damage, and is found here as it is when a value is taken.
            return entry < 0 ? throw new IndexOutOfRangeException("a column has too few values") : false;
        }

        if (_indices is not null)
        {
            entry = _indices[entry];
        }

        return (_found is not null && _found[entry]) || (escaped is not null && escaped[entry]);
    }

    /// <summary>Takes back one <see cref="Skip"/>.</summary>
    public void Return() => _next++;

    // One search over all values together; a find that lies across two of them is none.
    private void Mark(ReadOnlySpan<byte> needle, ref bool[]? marks)
    {
        int at = 0;
        while (_starts.Length > 0 && _content.AsSpan(at).IndexOf(needle) is >= 0 and int found)
        {
            at += found;
            int entry = Array.BinarySearch(_starts, at);
            entry = entry >= 0 ? entry : ~entry - 1;

            // Empty values begin where the next one does.
            while (entry + 1 < _starts.Length && _starts[entry + 1] == at)
            {
                entry++;
            }

            int end = _starts[entry] + (int)_numbers[entry];
            if (at + needle.Length > end)
            {
                at++;
                continue;
            }

            marks ??= new bool[_numbers.Length];
            marks[entry] = true;
            at = end;
        }
    }
}
