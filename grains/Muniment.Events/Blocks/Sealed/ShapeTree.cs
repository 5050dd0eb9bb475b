using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// Shapes of a block's records as a tree, and the columns that their values go to. Reading a record walks down the tree; records of the same make
/// take the same path, so that the usual step is one comparison. Used again for the next block.
/// </summary>
internal sealed class ShapeTree
{
    /// <summary>Most nodes: records whose shape finds no more room are kept whole.</summary>
    public const int MaxNodes = 16_384;

    /// <summary>Most ways on from one node, so that a step stays short.</summary>
    public const int MaxChildren = 48;

    /// <summary>Longest literal.</summary>
    public const int MaxLiteralSizeBytes = 512;

    private const int Roots = 5;
    private const int FirstNodes = 256;
    private const int KeptNodes = 2048;
    private const int KeptColumns = 256;

    private readonly Dictionary<(int Context, uint Tag, ulong Key), int> _contexts = [];
    private readonly Dictionary<(int Context, ShapeOp Op, uint Tag), int> _columnIds = [];
    private readonly Dictionary<ulong, int> _literalIds = [];
    private readonly List<AttributeStep> _attributes = [];
    private readonly List<Column> _free = [];
    private ShapeNode[] _nodes = [];

    public ShapeTree() => Clear();

    /// <summary>The shape of records that are kept whole.</summary>
    public int Whole { get; private set; }

    public int Count { get; private set; }

    public ReadOnlySpan<ShapeNode> Nodes => _nodes.AsSpan(0, Count);

    public List<byte[]> Literals { get; } = [];

    public List<Column> Columns { get; } = [];

    /// <summary>Last node of each shape.</summary>
    public List<int> Shapes { get; } = [];

    public ref readonly ShapeNode this[int node] => ref _nodes[node];

    /// <summary>Begins anew for the next block; some columns are used again.</summary>
    public void Clear()
    {
        foreach (Column column in Columns)
        {
            if (_free.Count < KeptColumns)
            {
                column.Clear();
                _free.Add(column);
            }
        }

        _contexts.Clear();
        _columnIds.Clear();
        _literalIds.Clear();
        _attributes.Clear();
        Literals.Clear();
        Columns.Clear();
        Shapes.Clear();
        if (_nodes.Length is 0 or > KeptNodes)
        {
            _nodes = new ShapeNode[FirstNodes];
        }

        for (int kind = 0; kind < Roots; kind++)
        {
            _nodes[kind] = new ShapeNode { Parent = -1, Op = ShapeOp.Root, Tag = (uint)kind, Context = kind, FirstChild = -1, NextSibling = -1, FirstAttribute = -1, Shape = -1 };
            _contexts.Add((-1, (uint)kind, 0), kind);
        }

        Count = Roots;

        // There from the start, because it is needed most when the tree is full.
        Whole = Add(0, ShapeOp.Text, 0, 0);
    }

    /// <summary>The ways on from a node by a whole attribute: the first one, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FirstAttribute(int node) => _nodes[node].FirstAttribute;

    /// <summary>A way on by a whole attribute.</summary>
    public ref readonly AttributeStep Attribute(int number) => ref CollectionsMarshal.AsSpan(_attributes)[number];

    /// <summary>Remembers an attribute that was just read step by step from one node to another, if it is one of the usual ones: a key, and one plain value.</summary>
    public void LearnAttribute(int from, uint tag, int to)
    {
        ref readonly ShapeNode end = ref _nodes[to];
        ref readonly ShapeNode inner = ref _nodes[end.Parent];
        if (end.Op != ShapeOp.End || inner.Op != ShapeOp.End)
        {
            return;
        }

        ref readonly ShapeNode value = ref _nodes[inner.Parent];
        if (value.Op is not (ShapeOp.Bytes or ShapeOp.Varint or ShapeOp.Fixed64) || value.Tag > 0x7f)
        {
            return;
        }

        ref readonly ShapeNode any = ref _nodes[value.Parent];
        if (any.Op != ShapeOp.Begin || any.Tag != AttributeStep.ValueTag)
        {
            return;
        }

        ref readonly ShapeNode key = ref _nodes[any.Parent];
        if (key.Op == ShapeOp.Literal && _nodes[key.Parent] is { Op: ShapeOp.Begin } begin && begin.Tag == tag && begin.Parent == from)
        {
            _attributes.Add(new AttributeStep(_nodes[from].FirstAttribute, tag, Literals[key.Argument], (byte)value.Tag, value.Op, to, value.Argument));
            _nodes[from].FirstAttribute = _attributes.Count - 1;
        }
    }

    /// <summary>The child by this step, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Find(int node, ShapeOp op, uint tag)
    {
        int child = _nodes[node].FirstChild;
        while (child >= 0)
        {
            ref readonly ShapeNode candidate = ref _nodes[child];
            if (candidate.Tag == tag && candidate.Op == op)
            {
                return child;
            }

            child = candidate.NextSibling;
        }

        return -1;
    }

    /// <summary>The child by this literal, or -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindLiteral(int node, ReadOnlySpan<byte> literal)
    {
        int child = _nodes[node].FirstChild;
        while (child >= 0)
        {
            ref readonly ShapeNode candidate = ref _nodes[child];
            if (candidate.Op == ShapeOp.Literal && literal.SequenceEqual(Literals[candidate.Argument]))
            {
                return child;
            }

            child = candidate.NextSibling;
        }

        return -1;
    }

    /// <summary>Adds a child; -1 when there is no room.</summary>
    public int Add(int node, ShapeOp op, uint tag, int context, ReadOnlySpan<byte> literal = default)
    {
        int children = 0;
        for (int child = _nodes[node].FirstChild; child >= 0; child = _nodes[child].NextSibling)
        {
            children++;
        }

        if (Count == MaxNodes || children >= MaxChildren || literal.Length > MaxLiteralSizeBytes)
        {
            return -1;
        }

        if (Count == _nodes.Length)
        {
            Array.Resize(ref _nodes, Math.Min(2 * Count, MaxNodes));
        }

        int argument = op switch
        {
            ShapeOp.Literal => LiteralId(literal),
            ShapeOp.Text or ShapeOp.Bytes or ShapeOp.Varint or ShapeOp.Fixed64 or ShapeOp.Fixed32 => ColumnId(context, op, tag),
            _ => 0,
        };
        _nodes[Count] = new ShapeNode { Parent = node, Op = op, Tag = tag, Argument = argument, Context = context, FirstChild = -1, NextSibling = _nodes[node].FirstChild, FirstAttribute = -1, Shape = -1 };
        _nodes[node].FirstChild = Count;
        return Count++;
    }

    /// <summary>Number of the shape that ends at a node.</summary>
    public int ShapeAt(int node)
    {
        ref ShapeNode last = ref _nodes[node];
        if (last.Shape < 0)
        {
            last.Shape = Shapes.Count;
            Shapes.Add(node);
        }

        return last.Shape;
    }

    /// <summary>A context below another one: a message field (tag) or an attribute or member (its name's hash).</summary>
    public int ContextBelow(int context, uint tag, ulong key)
    {
        if (!_contexts.TryGetValue((context, tag, key), out int below))
        {
            below = _contexts.Count;
            _contexts.Add((context, tag, key), below);
        }

        return below;
    }

    private int ColumnId(int context, ShapeOp op, uint tag)
    {
        if (!_columnIds.TryGetValue((context, op, tag), out int id))
        {
            id = Columns.Count;
            if (_free.Count > 0)
            {
                Columns.Add(_free[^1]);
                _free.RemoveAt(_free.Count - 1);
            }
            else
            {
                Columns.Add(new Column());
            }

            _columnIds.Add((context, op, tag), id);
        }

        return id;
    }

    private int LiteralId(ReadOnlySpan<byte> literal)
    {
        ulong hash = ValueHash.Of(literal);
        if (_literalIds.TryGetValue(hash, out int id) && literal.SequenceEqual(Literals[id]))
        {
            return id;
        }

        id = Literals.Count;
        Literals.Add(literal.ToArray());
        _literalIds[hash] = id;
        return id;
    }
}
