using System.Runtime.InteropServices;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>Takes records apart into a path in the tree of shapes and values in columns. What cannot be rebuilt byte for byte is kept whole.</summary>
internal sealed class RecordReader(ShapeTree tree)
{
    /// <summary>Most values of one record; records with more are kept whole.</summary>
    private const int MaxValues = 4096;

    private readonly PendingValue[] _pending = new PendingValue[MaxValues];
    private int _count;

    /// <summary>Number of the record's shape; its values are then in the columns.</summary>
    public int Read(EntryKind kind, ReadOnlySpan<byte> record)
    {
        _count = 0;
        int last = kind == EntryKind.Event ? new JsonWalk(tree, this, record).Run((int)kind) : ProtoWalk(kind, record);
        if (last < 0)
        {
            _count = 0;
            last = tree.Whole;
            Keep(last, 0, record.Length);
        }

        ReadOnlySpan<Column> columns = CollectionsMarshal.AsSpan(tree.Columns);
        foreach (ref readonly PendingValue value in _pending.AsSpan(0, _count))
        {
            Column column = columns[value.Column];
            if (value.Length >= 0)
            {
                column.Add(record.Slice((int)value.Number, value.Length));
            }
            else
            {
                column.Add(value.Number);
            }
        }

        return tree.ShapeAt(last);
    }

    /// <summary>Remembers a byte string of the record; false when there are too many values.</summary>
    public bool Keep(int node, int offset, int length) => Keep(new PendingValue(tree[node].Argument, length, offset));

    /// <summary>Remembers a number.</summary>
    public bool Keep(int node, long number) => Keep(new PendingValue(tree[node].Argument, -1, number));

    /// <summary>Remembers a byte string for a column.</summary>
    public bool KeepAs(int column, int offset, int length) => Keep(new PendingValue(column, length, offset));

    /// <summary>Remembers a number for a column.</summary>
    public bool KeepAs(int column, long number) => Keep(new PendingValue(column, -1, number));

    private bool Keep(PendingValue value)
    {
        if (_count == MaxValues)
        {
            return false;
        }

        _pending[_count++] = value;
        return true;
    }

    private int ProtoWalk(EntryKind kind, ReadOnlySpan<byte> record)
    {
        int node = (int)kind;
        return new ProtoWalk(tree, this, record).Message(ref node, 0, record.Length, ProtoSchema.Of(kind), node, 0) ? node : -1;
    }

    private readonly record struct PendingValue(int Column, int Length, long Number);
}
