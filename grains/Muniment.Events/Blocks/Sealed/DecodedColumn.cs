using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// A column's values as they are stored; a value is written out when a record takes it. Values are taken from the last to the first, because records are written from their end.
/// </summary>
internal sealed class DecodedColumn
{
    private const int MaxFormattedBytes = 64;
    private const int UuidLength = 36;
    private const int ShortBytes = 16;

    private readonly int _scale;
    private long[] _numbers;
    private int[] _starts = [];
    private TextForm _form;
    private byte[] _content = [];
    private int _contentAt;
    private TextPieces? _pieces;
    private int _offset;
    private long[]? _indices;

    private DecodedColumn(TextForm form, int scale, long[] numbers)
    {
        (_form, _scale, _numbers) = (form, scale, numbers);
        Position = numbers.Length;
    }

    /// <summary>Different values that are stored (entries of a dictionary, or all values).</summary>
    public int Entries => _numbers.Length;

    /// <summary>Values.</summary>
    public int Count => _indices?.Length ?? _numbers.Length;

    /// <summary>Values before the one taken last.</summary>
    public int Position { get; set; }

    /// <summary>Whether it has texts, not numbers.</summary>
    public bool IsText { get; private init; }

    /// <summary>How its texts are stored.</summary>
    public TextForm Form => _form;

    /// <summary>Lengths of its texts as they are stored; where <see cref="Form"/> is decimal or time, and for numbers, the numbers.</summary>
    public ReadOnlySpan<long> Numbers => _numbers;

    /// <summary>Values that occur in some of its texts, and in all of them. Only known for texts in pieces.</summary>
    public (ByteSet Any, ByteSet Every) Bytes { get; private init; } = (ByteSet.All, default);

    /// <summary>Whether its texts lie in pieces of the text frame that may not be opened yet.</summary>
    public bool IsInPieces => _pieces is not null;

    public static DecodedColumn OfNumbers(long[] numbers) => new(TextForm.Plain, 0, numbers);

    /// <summary>Decimal numbers or times, written with this many digits behind the point.</summary>
    public static DecodedColumn OfFormatted(TextForm form, int scale, long[] numbers) => new(form, scale, numbers) { IsText = true };

    /// <summary>Texts that are stored one after the other.</summary>
    public static DecodedColumn OfTexts(TextForm form, ReadOnlyMemory<byte> content, long[] lengths, Rentals rentals) => new(form, 0, lengths, content, 0, rentals);

    /// <summary>Texts that lie one after the other in the text frame, from an offset on; Place gives the frame.</summary>
    public static DecodedColumn InTextFrame(int offset, long[] lengths, ByteSet any, ByteSet every, Rentals rentals) => new(TextForm.Plain, 0, lengths, default, offset, rentals) { Bytes = (any, every) };

    private DecodedColumn(TextForm form, int scale, long[] lengths, ReadOnlyMemory<byte> content, int offset, Rentals rentals)
        : this(form, scale, lengths)
    {
        _offset = offset;
        Lay(content);
        _starts = rentals.Starts(lengths.Length);
        int at = 0;
        for (int i = 0; i < _starts.Length; i++)
        {
            _starts[i] = at;
            at += (int)lengths[i];
        }

        StoredLength = at;
        IsText = true;
    }

    /// <summary>Bytes of all stored texts.</summary>
    public int StoredLength { get; private set; }

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
        Position = indices.Length;
    }

    /// <summary>Gives a column of the text frame the frame's bytes.</summary>
    public void Place(ReadOnlyMemory<byte> frame) => Lay(frame.Slice(_offset, StoredLength));

    /// <summary>Writes a dictionary's packed entries out as text, because each will be taken more than once.</summary>
    public void WriteOut(Rentals rentals)
    {
        if (_indices is null || _form is not (TextForm.Hex or TextForm.Uuid) || _numbers.Length >= _indices.Length)
        {
            return;
        }

        long total = _form == TextForm.Uuid ? (long)UuidLength * _numbers.Length : 2L * StoredLength;
        if (total > SealedHeader.MaxRawLength)
        {
            return;
        }

        byte[] texts = rentals.Bytes((int)total);
        long[] lengths = rentals.Numbers(_numbers.Length);
        int[] starts = rentals.Starts(_numbers.Length);
        int at = (int)total;
        for (int entry = starts.Length - 1; entry >= 0; entry--)
        {
            int end = at;
            at = Put(entry, texts, at);
            (starts[entry], lengths[entry]) = (at, end - at);
        }

        (_form, _content, _contentAt, _numbers, _starts, StoredLength) = (TextForm.Plain, texts, 0, lengths, starts, (int)total);
    }

    /// <summary>Gives a column of the text frame its pieces, which are opened as they are wanted.</summary>
    public void Place(TextPieces pieces) => _pieces = pieces;

    /// <summary>Its entries are looked up; there is nothing to take.</summary>
    public void UseAsTable() => Position = 0;

    /// <summary>The entry of a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int EntryAt(int position) => _indices is null ? position : (int)_indices[position];

    /// <summary>A number by its place.</summary>
    public long NumberAt(int position) => _numbers[position];

    /// <summary>An entry as it is stored, of a column that does not lie in pieces.</summary>
    public ReadOnlySpan<byte> Stored(int entry) => _content.AsSpan(_contentAt + _starts[entry], (int)_numbers[entry]);

    /// <summary>Copies entries as they are stored, one after the other, from one on as far as there is room.</summary>
    public void CopyStored(int entry, Span<byte> target)
    {
        if (_pieces is not null)
        {
            _pieces.Read(_offset + _starts[entry], target);
        }
        else
        {
            _content.AsSpan(_contentAt + _starts[entry], target.Length).CopyTo(target);
        }
    }

    /// <summary>Where an entry begins among the stored bytes.</summary>
    public int StartOf(int entry) => _starts[entry];

    /// <summary>The entry that a stored byte belongs to; of several that begin there the last, because empty ones begin where the next one does.</summary>
    public int EntryOfByte(int at)
    {
        int entry = Array.BinarySearch(_starts, at);
        entry = entry >= 0 ? entry : ~entry - 1;
        while (entry + 1 < _starts.Length && _starts[entry + 1] == at)
        {
            entry++;
        }

        return entry;
    }

    /// <summary>An entry, as text.</summary>
    public ReadOnlyMemory<byte> Text(int entry)
    {
        if (_form == TextForm.Plain && _pieces is null)
        {
            return _content.AsMemory(_contentAt + _starts[entry], (int)_numbers[entry]);
        }

        byte[] room = new byte[MaxLength(entry)];
        int at = Put(entry, room, room.Length);
        return room.AsMemory(at);
    }

    /// <summary>Writes the value before the one taken last, so that it ends at <paramref name="at"/>; returns where it begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int PutText(Span<byte> target, int at)
    {
        long entry = --Position;
        if (_indices is not null)
        {
            entry = _indices[entry];
        }

        if (_form == TextForm.Plain && _pieces is null)
        {
            int length = (int)_numbers[entry], from = _contentAt + _starts[entry];
            if (length <= ShortBytes && from + length >= ShortBytes && at >= ShortBytes)
            {
                // What stands before the text in the column comes along; what is written before it next covers that.
                _content.AsSpan(from + length - ShortBytes, ShortBytes).CopyTo(target.Slice(at - ShortBytes, ShortBytes));
            }
            else
            {
                _content.AsSpan(from, length).CopyTo(target.Slice(at - length, length));
            }

            return at - length;
        }

        return Put((int)entry, target, at);
    }

    /// <summary>The number before the one taken last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long TakeNumber() => _numbers[--Position];

    private void Lay(ReadOnlyMemory<byte> content)
    {
        (_content, _contentAt) = MemoryMarshal.TryGetArray(content, out ArraySegment<byte> array) && array.Array is not null ? (array.Array, array.Offset) : (content.ToArray(), 0);
    }

    private int MaxLength(int entry) => _form switch
    {
        TextForm.Plain => (int)_numbers[entry],
        TextForm.Hex => 2 * (int)_numbers[entry],
        TextForm.Uuid => UuidLength,
        _ => MaxFormattedBytes,
    };

    private int Put(int entry, Span<byte> target, int at)
    {
        int length = (int)_numbers[entry];
        switch (_form)
        {
            case TextForm.Plain:
                at -= length;
                CopyStored(entry, target.Slice(at, length));
                return at;
            case TextForm.Hex:
                at -= 2 * length;
                TextForms.Hex(Stored(entry), target[at..]);
                return at;
            case TextForm.Uuid:
                at -= UuidLength;
                TextForms.Uuid(Stored(entry), target[at..]);
                return at;
            default:
                Span<byte> room = stackalloc byte[MaxFormattedBytes];
                length = _form == TextForm.Decimal ? TextForms.Decimal(_numbers[entry], _scale, room) : TextForms.Time(_numbers[entry], _scale, room);
                at -= length;
                room[..length].CopyTo(target[at..]);
                return at;
        }
    }
}
