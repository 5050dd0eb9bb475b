using System.Collections;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>The rows of a block that may have a needle, each put together when it is asked for. Used by one thread at a time; not after it was disposed.</summary>
public sealed class SealedSelection : IReadOnlyList<StoredEvent>, IDisposable
{
    private readonly SealedTable _table;
    private readonly int[] _rows;
    private readonly int[] _moves;
    private readonly List<int> _moved = [];
    private readonly Rentals _rentals;
    private bool _disposed;

    // The row behind which all columns stand.
    private int _row = -1;

    internal SealedSelection(SealedTable table, RowNeedles needles, long from, long to, Rentals rentals)
    {
        _table = table;
        _rentals = rentals;
        _moves = new int[table.Programs.Length];
        CheckCounts();
        bool[] keep = needles.MayBeNumber ? [.. Enumerable.Repeat(true, table.Header.Count)] : Candidates(needles);
        long first = table.Header.FirstSeq;
        int begin = (int)Math.Clamp(from - first, 0, keep.Length), end = (int)Math.Clamp(to - first, 0, keep.Length);
        _rows = [.. Enumerable.Range(begin, Math.Max(0, end - begin)).Where(row => keep[row])];
    }

    /// <inheritdoc/>
    public int Count => _rows.Length;

    /// <inheritdoc/>
    public StoredEvent this[int index]
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            int row = _rows[index];
            try
            {
                return Write(row);
            }
            catch (Exception failure) when (SealedTable.IsDamage(failure))
            {
                throw SealedTable.Damage(_table.Header.FirstSeq, failure);
            }
        }
    }

    /// <inheritdoc/>
    public IEnumerator<StoredEvent> GetEnumerator()
    {
        for (int i = 0; i < _rows.Length; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            _table.Pieces?.Dispose();
            _rentals.Dispose();
        }
    }

    private StoredEvent Write(int row)
    {
        MoveTo(row);
        SealedTable table = _table;
        ShapeProgram program = table.Programs[table.Shapes.NumberAt(row)];
        int size = 1024;
        while (true)
        {
            byte[] room = LargeArrays.Rent(Math.Min(size, table.RecordBytes));
            try
            {
                int at = program.Write(room, room.Length);
                _row = row - 1;
                return new StoredEvent(
                    table.Header.FirstSeq + row,
                    table.Received.NumberAt(row),
                    (EntryKind)table.Kinds.NumberAt(row),
                    table.Envelopes[table.Envelope.NumberAt(row)],
                    table.Resources[table.Resource.NumberAt(row)],
                    table.Scopes[table.Scope.NumberAt(row)],
                    room.AsSpan(at).ToArray());
            }
            catch (ArgumentException) when (room.Length < table.RecordBytes)
            {
                size = 4 * room.Length;
            }
            catch (IndexOutOfRangeException) when (room.Length < table.RecordBytes)
            {
                size = 4 * room.Length;
            }
            finally
            {
                LargeArrays.Return(room);
            }

            // A part of the record was taken.
            Reset();
            MoveTo(row);
        }
    }

    private void Reset()
    {
        foreach ((int id, DecodedColumn column) in _table.Columns)
        {
            if (id >= SealedColumnId.FirstOfTree)
            {
                column.Position = 0;
            }
        }

        _row = -1;
    }

    // By how many rows of each shape lie between; columns move by what those take.
    private void MoveTo(int row)
    {
        int step = row > _row ? 1 : -1;
        for (int at = step > 0 ? _row + 1 : row + 1, last = step > 0 ? row : _row; at <= last; at++)
        {
            int shape = (int)_table.Shapes.NumberAt(at);
            if (_moves[shape]++ == 0)
            {
                _moved.Add(shape);
            }
        }

        foreach (int shape in _moved)
        {
            foreach ((DecodedColumn column, int times) in _table.Programs[shape].Uses)
            {
                column.Position += step * _moves[shape] * times;
            }

            _moves[shape] = 0;
        }

        _moved.Clear();
        _row = row;
    }

    // Every value of every column must belong to a row.
    private void CheckCounts()
    {
        Reset();
        MoveTo(_table.Header.Count - 1);
        foreach ((int id, DecodedColumn column) in _table.Columns)
        {
            if (id >= SealedColumnId.FirstOfTree && column.Position != column.Count)
            {
                throw new ArgumentException($"column {id} has {column.Count} values, rows take {column.Position}");
            }
        }
    }

    private bool[] Candidates(RowNeedles needles)
    {
        SealedTable table = _table;
        var keep = new bool[table.Header.Count];
        bool binary = needles.Form == NeedleForm.Binary;
        HashSet<DecodedColumn> wholes = [.. table.Programs.Where(p => p.IsWhole).SelectMany(p => p.Uses).Select(u => u.Column)];
        bool events = false;
        bool[] envelopes = Have(table.Envelopes, needles.MayBeInEnvelope), resources = Have(table.Resources, needles.IsIn), scopes = Have(table.Scopes, needles.IsIn);
        bool?[] literals = new bool?[2 * table.Programs.Length];
        for (int row = 0; row < keep.Length; row++)
        {
            int shape = (int)table.Shapes.NumberAt(row);
            var kind = (EntryKind)table.Kinds.NumberAt(row);
            bool json = kind == EntryKind.Event;
            events |= json;
            keep[row] = (literals[(2 * shape) + (json ? 1 : 0)] ??= table.Programs[shape].IsFixedMatch(needles, json && !binary))
                || (binary
                    ? !(kind is EntryKind.Log or EntryKind.Span)
                    : envelopes[table.Envelope.NumberAt(row)] || resources[table.Resource.NumberAt(row)] || scopes[table.Scope.NumberAt(row)]);
        }

        foreach ((int id, DecodedColumn column) in table.Columns)
        {
            if (id >= SealedColumnId.FirstOfTree)
            {
                Keep(column, NeedleSearch.Find(column, needles, needles.Form is NeedleForm.Whole or NeedleForm.Binary && !wholes.Contains(column)), false, keep);
                if (events && !binary)
                {
                    Keep(column, NeedleSearch.FindPlain(column, needles.EscapeMark), true, keep);
                }
            }
        }

        return keep;
    }

    // Rows that take a marked entry; with onlyEvents only JSON ones.
    private void Keep(DecodedColumn column, bool[]? marks, bool onlyEvents, bool[] keep)
    {
        if (marks is null)
        {
            return;
        }

        int[] times = [.. _table.Programs.Select(p => p.Uses.Where(u => u.Column == column).Sum(u => u.Times))];
        int position = 0;
        for (int row = 0; row < keep.Length; row++)
        {
            bool counts = !onlyEvents || (EntryKind)_table.Kinds.NumberAt(row) == EntryKind.Event;
            for (int i = times[_table.Shapes.NumberAt(row)]; i > 0; i--)
            {
                keep[row] |= marks[column.EntryAt(position++)] && counts;
            }
        }
    }

    private delegate bool Test(ReadOnlySpan<byte> part);

    private static bool[] Have(ReadOnlyMemory<byte>[] parts, Test test) => [.. parts.Select(part => test(part.Span))];
}
