namespace Muniment.Events.Blocks.Sealed;

/// <summary>
/// Collects columns into frames. A frame is <c>columns…</c> until its end, each <c>varint id ‖ varint count ‖ u8 form ‖ …</c> (<see cref="TextCodec"/>, <see cref="NumberCodec"/>).
/// The last frame begins with the tree of shapes (<see cref="AddTree"/>).
/// </summary>
internal sealed class SealedFrameWriter
{
    private const int KeptFrameSizeBytes = 4 * 1024 * 1024;

    private readonly GrowingBuffer[] _frames = [new(64 * 1024), new(64 * 1024), new(64 * 1024), new(64 * 1024)];
    private readonly List<ReadOnlyMemory<long>>[] _streams = [[], [], [], []];
    private readonly List<(int Id, Column Column, SealedFrame? Frame)> _columns = [];
    private readonly Column _parents = new(), _ops = new(), _tags = new(), _arguments = new(), _texts = new(), _lasts = new(), _keys = new(), _firsts = new(), _counts = new();
    private readonly Scratch _scratch = new();

    /// <summary>Forgets the block before, and what it took beyond the usual.</summary>
    public void Clear()
    {
        Array.ForEach(_frames, frame => frame.Clear(KeptFrameSizeBytes));
        Array.ForEach(_streams, streams => streams.Clear());
        _columns.Clear();
        foreach (Column column in (ReadOnlySpan<Column>)[_parents, _ops, _tags, _arguments, _texts, _lasts, _keys, _firsts, _counts])
        {
            column.Clear();
        }

        _scratch.Reset();
    }

    public void Add(int id, Column column, SealedFrame? frame = null) => _columns.Add((id, column, frame));

    /// <summary>
    /// Writes <c>varint bytes of all records ‖ ranges ‖ literals ‖ nodes ‖ shapes</c>, leaving out what no shape needs; returns the columns that are used, in the order of their new numbers.
    /// </summary>
    public int[] AddTree(ShapeTree tree, long recordBytes, ReadOnlySpan<NonceRange> ranges)
    {
        GrowingBuffer target = _frames[(int)SealedFrame.Rest];
        List<ReadOnlyMemory<long>> streams = _streams[(int)SealedFrame.Rest];
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
        Column parents = _parents, ops = _ops, tags = _tags, arguments = _arguments, texts = _texts, lasts = _lasts;
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
        TextCodec.Write(target, TextPlanner.Plan(texts, _scratch), streams, _scratch);
        target.WriteVarint((ulong)parents.Count);
        NumberCodec.Write(target, parents.Numbers, streams, _scratch);
        NumberCodec.Write(target, ops.Numbers, streams, _scratch);
        NumberCodec.Write(target, tags.Numbers, streams, _scratch);
        NumberCodec.Write(target, arguments.Numbers, streams, _scratch);
        target.WriteVarint((ulong)lasts.Count);
        NumberCodec.Write(target, lasts.Numbers, streams, _scratch);
        return [.. columns.OrderBy(c => c.Value).Select(c => c.Key)];
    }

    public GrowingBuffer[] Finish()
    {
        foreach ((int id, Column column, SealedFrame? wanted) in _columns)
        {
            if (column.IsBytes)
            {
                AddBytes(id, column, wanted);
                continue;
            }

            int frame = (int)(wanted ?? SealedFrame.Rest);
            GrowingBuffer target = _frames[frame];
            target.WriteVarint((ulong)id);
            target.WriteVarint((ulong)column.Count);
            if (column.Count > 0 && IsWide(column.Numbers.Span) && _scratch.Numbers.Take(column.Count) is var scaled && DoubleForm.TryScale(column.Numbers.Span, scaled.Span, out int scale))
            {
                target.WriteByte(SealedColumnId.DoubleForm);
                target.WriteByte((byte)scale);
                NumberCodec.Write(target, scaled, _streams[frame], _scratch);
            }
            else
            {
                target.WriteByte(SealedColumnId.NumberForm);
                NumberCodec.Write(target, column.Numbers, _streams[frame], _scratch);
            }
        }

        return _frames;
    }

    private void AddBytes(int id, Column column, SealedFrame? wanted)
    {
        PlannedColumn plan = TextPlanner.Plan(column, _scratch);
        SealedFrame frame = wanted ?? plan.Frame;
        if (frame == SealedFrame.Text)
        {
            AddText(id, plan);
            return;
        }

        GrowingBuffer target = _frames[(int)frame];
        target.WriteVarint((ulong)id);
        target.WriteVarint((ulong)column.Count);
        TextCodec.Write(target, plan, _streams[(int)frame], _scratch);
    }

    // The last frame says how the texts lie; the text frame holds nothing but them.
    private void AddText(int id, in PlannedColumn plan)
    {
        GrowingBuffer target = _frames[(int)SealedFrame.Rest];
        target.WriteVarint((ulong)id);
        target.WriteVarint((ulong)plan.Lengths.Length);
        target.WriteByte(SealedColumnId.TextFrameForm);
        NumberCodec.Write(target, plan.Lengths, _streams[(int)SealedFrame.Rest], _scratch);
        (ByteSet any, ByteSet every) = ByteSet.Of(plan.Content.Span, plan.Lengths.Span);
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

    private void WriteRanges(GrowingBuffer target, List<ReadOnlyMemory<long>> streams, ReadOnlySpan<NonceRange> ranges)
    {
        Column keys = _keys, firsts = _firsts, counts = _counts;
        foreach (NonceRange range in ranges)
        {
            keys.Add(range.KeyId);
            firsts.Add(range.FirstIndex);
            counts.Add(range.Count);
        }

        target.WriteVarint((ulong)ranges.Length);
        NumberCodec.Write(target, keys.Numbers, streams, _scratch);
        NumberCodec.Write(target, firsts.Numbers, streams, _scratch);
        NumberCodec.Write(target, counts.Numbers, streams, _scratch);
        foreach (NonceRange range in ranges)
        {
            range.Nonce.Write(target.Reserve(SegmentNonce.SizeBytes));
            target.Advance(SegmentNonce.SizeBytes);
        }
    }
}
