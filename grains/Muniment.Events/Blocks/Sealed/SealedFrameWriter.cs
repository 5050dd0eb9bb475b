namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// Collects columns into frames. A frame is <c>columns…</c> until its end, each <c>varint id ‖ varint count ‖ u8 form ‖ …</c> (<see cref="TextCodec"/>, <see cref="NumberCodec"/>).
/// The last frame begins with the tree of shapes (<see cref="AddTree"/>).
/// </summary>
internal sealed class SealedFrameWriter
{
    private readonly GrowingBuffer[] _frames = [new(64 * 1024), new(64 * 1024), new(64 * 1024), new(64 * 1024)];
    private readonly List<long[]>[] _streams = [[], [], [], []];
    private readonly List<(int Id, Column Column, SealedFrame? Frame)> _columns = [];

    public void Add(int id, Column column, SealedFrame? frame = null) => _columns.Add((id, column, frame));

    /// <summary>
    /// Writes <c>varint bytes of all records ‖ ranges ‖ literals ‖ nodes ‖ shapes</c>, leaving out what no shape needs; returns the columns that are used, in the order of their new numbers.
    /// </summary>
    public int[] AddTree(ShapeTree tree, long recordBytes, ReadOnlySpan<NonceRange> ranges)
    {
        GrowingBuffer target = _frames[(int)SealedFrame.Rest];
        List<long[]> streams = _streams[(int)SealedFrame.Rest];
        target.WriteVarint((ulong)recordBytes);
        WriteRanges(target, streams, ranges);

        const int roots = 5;
        bool[] used = new bool[tree.Count];
        foreach (int last in tree.Shapes)
        {
            for (int node = last; node >= roots && !used[node]; node = tree[node].Parent)
            {
                used[node] = true;
            }
        }

        int[] numbers = new int[tree.Count];
        Dictionary<int, int> columns = [], literals = [];
        Column parents = new(), ops = new(), tags = new(), arguments = new(), texts = new(), lasts = new();
        int next = roots;
        for (int node = 0; node < tree.Count; node++)
        {
            if (node < roots || !used[node])
            {
                numbers[node] = node;
                continue;
            }

            ref readonly ShapeNode one = ref tree[node];
            numbers[node] = next++;
            parents.Add(numbers[one.Parent]);
            ops.Add((long)one.Op);
            tags.Add(one.Tag);
            if (one.Op == ShapeOp.Literal)
            {
                if (literals.TryAdd(one.Argument, literals.Count))
                {
                    texts.Add(tree.Literals[one.Argument]);
                }

                arguments.Add(literals[one.Argument]);
            }
            else if (one.Op is ShapeOp.Begin or ShapeOp.End)
            {
                arguments.Add(0);
            }
            else
            {
                columns.TryAdd(one.Argument, columns.Count);
                arguments.Add(columns[one.Argument]);
            }
        }

        foreach (int last in tree.Shapes)
        {
            lasts.Add(numbers[last]);
        }

        target.WriteVarint((ulong)texts.Count);
        TextCodec.Write(target, TextCodec.Plan(texts), streams);
        target.WriteVarint((ulong)parents.Count);
        NumberCodec.Write(target, parents.Numbers, streams);
        NumberCodec.Write(target, ops.Numbers, streams);
        NumberCodec.Write(target, tags.Numbers, streams);
        NumberCodec.Write(target, arguments.Numbers, streams);
        target.WriteVarint((ulong)lasts.Count);
        NumberCodec.Write(target, lasts.Numbers, streams);
        return [.. columns.OrderBy(c => c.Value).Select(c => c.Key)];
    }

    public GrowingBuffer[] Finish()
    {
        foreach ((int id, Column column, SealedFrame? wanted) in _columns)
        {
            PlannedColumn? plan = column.IsBytes ? TextCodec.Plan(column) : null;
            int frame = (int)(wanted ?? plan?.Frame ?? SealedFrame.Rest);
            if (plan is not null && frame == (int)SealedFrame.Text)
            {
                AddText(id, plan);
                continue;
            }

            GrowingBuffer target = _frames[frame];
            target.WriteVarint((ulong)id);
            target.WriteVarint((ulong)column.Count);
            if (plan is not null)
            {
                TextCodec.Write(target, plan, _streams[frame]);
                continue;
            }

            long[] scaled = new long[column.Count];
            if (column.Count > 0 && IsWide(column.Numbers) && DoubleForm.TryScale(column.Numbers, scaled, out int scale))
            {
                target.WriteByte(SealedColumnId.DoubleForm);
                target.WriteByte((byte)scale);
                NumberCodec.Write(target, scaled, _streams[frame]);
            }
            else
            {
                target.WriteByte(SealedColumnId.NumberForm);
                NumberCodec.Write(target, column.Numbers, _streams[frame]);
            }
        }

        return _frames;
    }

    // The last frame says how the texts lie; the text frame holds nothing but them.
    private void AddText(int id, PlannedColumn plan)
    {
        GrowingBuffer target = _frames[(int)SealedFrame.Rest];
        target.WriteVarint((ulong)id);
        target.WriteVarint((ulong)plan.Lengths.Length);
        target.WriteByte(SealedColumnId.TextFrameForm);
        NumberCodec.Write(target, plan.Lengths, _streams[(int)SealedFrame.Rest]);
        (ByteSet any, ByteSet every) = ByteSet.Of(plan.Content.Span, plan.Lengths);
        any.Write(target.Reserve(ByteSet.SizeBytes));
        target.Advance(ByteSet.SizeBytes);
        every.Write(target.Reserve(ByteSet.SizeBytes));
        target.Advance(ByteSet.SizeBytes);
        _frames[(int)SealedFrame.Text].Write(plan.Content.Span);
    }

    // Doubles read as integers lie far apart; counters and times do not gain from being read as doubles.
    private static bool IsWide(ReadOnlySpan<long> values)
    {
        foreach (long value in values)
        {
            if (value is > 1L << 60 or < -(1L << 60))
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteRanges(GrowingBuffer target, List<long[]> streams, ReadOnlySpan<NonceRange> ranges)
    {
        Column keys = new(), firsts = new(), counts = new();
        foreach (NonceRange range in ranges)
        {
            keys.Add(range.KeyId);
            firsts.Add(range.FirstIndex);
            counts.Add(range.Count);
        }

        target.WriteVarint((ulong)ranges.Length);
        NumberCodec.Write(target, keys.Numbers, streams);
        NumberCodec.Write(target, firsts.Numbers, streams);
        NumberCodec.Write(target, counts.Numbers, streams);
        foreach (NonceRange range in ranges)
        {
            range.Nonce.Write(target.Reserve(SegmentNonce.SizeBytes));
            target.Advance(SegmentNonce.SizeBytes);
        }
    }
}
