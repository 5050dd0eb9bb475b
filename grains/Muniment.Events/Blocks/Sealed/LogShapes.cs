namespace Muniment.Events.Blocks.Sealed;

/// <summary>What the values of a column are in a log record.</summary>
internal enum ValueClass : byte
{
    /// <summary>Nothing that words are looked for in.</summary>
    None,
    Text,
    Number,

    /// <summary>With a sign.</summary>
    Integer,
    Real,

    /// <summary>The record's own time.</summary>
    Time,
    TraceId,
    SpanId,
}

/// <summary>
/// Understands the shapes of OTLP log records (<c>opentelemetry/proto/logs/v1/logs.proto</c>, <c>common.proto</c>): what each column holds, and which shapes have nothing beyond that.
/// Used again for the next block.
/// </summary>
internal sealed class LogShapes(ShapeTree tree)
{
    private const int MaxDepth = 16;
    private const int LastField = 12;

    private readonly List<int> _path = [];
    private readonly List<(ProtoType Type, int Depth)> _open = [];
    private ValueClass[] _classes = [];
    private bool[] _regular = [];

    /// <summary>What a column's values are.</summary>
    public ValueClass ClassOf(int column) => _classes[column];

    /// <summary>Whether a shape is a log record's in which everything is understood.</summary>
    public bool IsRegular(int shape) => _regular[shape];

    /// <summary>Reads the tree's shapes.</summary>
    public void Read()
    {
        int columns = tree.Columns.Count, shapes = tree.Shapes.Count;
        _classes = _classes.Length < columns ? new ValueClass[2 * columns] : _classes;
        _regular = _regular.Length < shapes ? new bool[2 * shapes] : _regular;
        Array.Clear(_classes);
        for (int shape = 0; shape < shapes; shape++)
        {
            _regular[shape] = ReadShape(tree.Shapes[shape]);
        }
    }

    /// <summary>How many values of a column a record of a shape has.</summary>
    public int CountUses(int shape, int column)
    {
        int count = 0;
        for (int node = tree.Shapes[shape]; tree[node].Op != ShapeOp.Root; node = tree[node].Parent)
        {
            count += HasColumn(tree[node].Op) && tree[node].Argument == column ? 1 : 0;
        }

        return count;
    }

    private static bool HasColumn(ShapeOp op) => op is ShapeOp.Text or ShapeOp.Bytes or ShapeOp.Varint or ShapeOp.Fixed64 or ShapeOp.Fixed32;

    private bool ReadShape(int last)
    {
        _path.Clear();
        int node = last;
        for (; tree[node].Op != ShapeOp.Root; node = tree[node].Parent)
        {
            _path.Add(node);
        }

        if (tree[node].Tag != (uint)EntryKind.Log)
        {
            return false;
        }

        _open.Clear();
        _open.Add((ProtoType.Log, 0));
        bool timed = false;
        for (int i = _path.Count - 1; i >= 0; i--)
        {
            ref readonly ShapeNode step = ref tree[_path[i]];
            (ProtoType type, int depth) = _open[^1];
            uint field = step.Tag >> 3;
            switch (step.Op)
            {
                case ShapeOp.End:
                    _open.RemoveAt(_open.Count - 1);
                    break;
                case ShapeOp.Begin:
                    if (!TryOpen(type, field, depth))
                    {
                        return false;
                    }

                    break;
                case ShapeOp.Literal:
                    break; // a key, which is no text
                default:
                    if (!TryClass(type, step.Op, field, out ValueClass what))
                    {
                        return false;
                    }

                    timed |= what == ValueClass.Time;
                    _classes[step.Argument] = what;
                    break;
            }
        }

        return timed;
    }

    private bool TryOpen(ProtoType type, uint field, int depth)
    {
        (ProtoType Type, int Depth) inner = (type, field) switch
        {
            (ProtoType.Log, 5) or (ProtoType.Attribute, 2) or (ProtoType.Array, 1) => (ProtoType.Any, depth),
            (ProtoType.Log, 6) or (ProtoType.List, 1) => (ProtoType.Attribute, depth),
            (ProtoType.Any, 5) => (ProtoType.Array, depth + 1),
            (ProtoType.Any, 6) => (ProtoType.List, depth + 1),
            _ => (ProtoType.Leaf, depth),
        };
        _open.Add(inner);
        return inner.Type != ProtoType.Leaf && inner.Depth <= MaxDepth;
    }

    private static bool TryClass(ProtoType type, ShapeOp op, uint field, out ValueClass what)
    {
        ValueClass? found = (type, field, op) switch
        {
            (ProtoType.Log, 1, ShapeOp.Fixed64) => ValueClass.Time,
            (ProtoType.Log, 11, ShapeOp.Fixed64) or (ProtoType.Log, 2 or 7, ShapeOp.Varint) or (ProtoType.Log, 8, ShapeOp.Fixed32) => ValueClass.Number,
            (ProtoType.Log, 3 or 12, ShapeOp.Bytes) or (ProtoType.Any, 1, ShapeOp.Bytes) => ValueClass.Text,
            (ProtoType.Log, 9, ShapeOp.Bytes) => ValueClass.TraceId,
            (ProtoType.Log, 10, ShapeOp.Bytes) => ValueClass.SpanId,
            (ProtoType.Log, > LastField, _) => ValueClass.None, // unknown fields have no canonical form
            (ProtoType.Attribute, not 2, _) => ValueClass.None,
            (ProtoType.Any, 2, ShapeOp.Varint) => ValueClass.None, // true and false are always among the words
            (ProtoType.Any, 3, ShapeOp.Varint) => ValueClass.Integer,
            (ProtoType.Any, 4, ShapeOp.Fixed64) => ValueClass.Real,
            _ => null,
        };
        what = found ?? ValueClass.None;
        return found is not null;
    }
}
