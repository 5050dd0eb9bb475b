using System.Runtime.InteropServices;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>Takes the values of a block.</summary>
public interface IEncodedValueSink
{
    /// <summary>A text in UTF-8; not kept.</summary>
    void AddText(ReadOnlySpan<byte> utf8);

    /// <summary>A number without its sign.</summary>
    void AddNumber(ulong number);

    /// <summary>A number with a fraction, finite.</summary>
    void AddReal(double number);
}

/// <summary>
/// The values of the log records of the block that an encoder made last, from its columns: each different text once, so that nobody has to walk over every record again. Only of records whose
/// every part is understood; the others must be read by themselves (<see cref="IsCovered"/>). Valid until the encoder makes its next block.
/// </summary>
public sealed class EncodedValues
{
    private readonly ShapeTree _tree;
    private readonly LogShapes _shapes;
    private readonly Column _rows;
    private readonly (Column Envelope, Column Resource, Column Scope) _context;
    private readonly HashSet<(long, long, long)> _contexts = [];
    private readonly List<ValueDoubt> _doubts = [];
    private bool[] _covered = [];

    internal EncodedValues(ShapeTree tree, Column shapes, Column envelopes, Column resources, Column scopes)
    {
        (_tree, _rows, _context) = (tree, shapes, (envelopes, resources, scopes));
        _shapes = new LogShapes(tree);
    }

    /// <summary>
    /// Whether what can be looked for in an event's record is among the values, and an event with the same envelope, resource and scope is not covered, so that those are read with that one.
    /// </summary>
    public bool IsCovered(int row) => _covered[row];

    /// <summary>Hands over the values of all events that are covered, and perhaps some of others.</summary>
    /// <param name="latestNs">A record whose own time is not between 1970 and this is not covered.</param>
    /// <param name="sink">Takes them.</param>
    public void Collect<TSink>(long latestNs, ref TSink sink)
        where TSink : struct, IEncodedValueSink
    {
        _shapes.Read();
        _doubts.Clear();
        for (int i = 0; i < _tree.Columns.Count; i++)
        {
            ValueClass what = _shapes.ClassOf(i);
            Add(what, _tree.Columns[i], ref sink);
            if (what is ValueClass.Time or ValueClass.Real or ValueClass.TraceId or ValueClass.SpanId && new ValueDoubt(i, what, _tree.Columns[i], latestNs) is var doubt && doubt.IsAny())
            {
                _doubts.Add(doubt);
            }
        }

        Cover();
    }

    private static void Add<TSink>(ValueClass what, Column column, ref TSink sink)
        where TSink : struct, IEncodedValueSink
    {
        switch (what)
        {
            case ValueClass.Text:
                ReadOnlySpan<byte> content = column.Content.Span;
                foreach (long length in column.Lengths.Span)
                {
                    sink.AddText(content[..(int)length]);
                    content = content[(int)length..];
                }

                break;
            case ValueClass.Time or ValueClass.Number:
                foreach (long number in column.Numbers.Span)
                {
                    sink.AddNumber((ulong)number);
                }

                break;
            case ValueClass.Integer:
                foreach (long number in column.Numbers.Span)
                {
                    sink.AddNumber(number < 0 ? 0 - (ulong)number : (ulong)number);
                }

                break;
            case ValueClass.Real:
                foreach (long bits in column.Numbers.Span)
                {
                    if (double.IsFinite(BitConverter.Int64BitsToDouble(bits)))
                    {
                        sink.AddReal(BitConverter.Int64BitsToDouble(bits));
                    }
                }

                break;
            default:
                break;
        }
    }

    private void Cover()
    {
        if (_covered.Length < _rows.Count)
        {
            _covered = new bool[Math.Max(_rows.Count, Segment.MaxEvents)];
        }

        _contexts.Clear();
        ReadOnlySpan<ValueDoubt> doubts = CollectionsMarshal.AsSpan(_doubts);
        int[] uses = Uses(doubts);
        (long, long, long) last = (-1, -1, -1);
        ReadOnlySpan<long> rows = _rows.Numbers.Span, envelopes = _context.Envelope.Numbers.Span, resources = _context.Resource.Numbers.Span, scopes = _context.Scope.Numbers.Span;
        for (int row = 0; row < rows.Length; row++)
        {
            (long, long, long) context = (envelopes[row], resources[row], scopes[row]);
            bool regular = _shapes.IsRegular((int)rows[row]);
            for (int i = 0; i < doubts.Length; i++)
            {
                for (int use = uses[((int)rows[row] * doubts.Length) + i]; use > 0; use--)
                {
                    regular &= !doubts[i].Next();
                }
            }

            _covered[row] = regular && (context == last || !_contexts.Add(context));
            last = regular ? context : last;
        }
    }

    // How many values each shape takes from each column that is in doubt.
    private int[] Uses(ReadOnlySpan<ValueDoubt> doubts)
    {
        if (doubts.IsEmpty)
        {
            return [];
        }

        int[] uses = new int[_tree.Shapes.Count * doubts.Length];
        for (int i = 0; i < uses.Length; i++)
        {
            uses[i] = _shapes.CountUses(i / doubts.Length, doubts[i % doubts.Length].Number);
        }

        return uses;
    }
}
