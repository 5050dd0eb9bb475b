namespace Muniment.Events.Blocks.Sealed;

/// <summary>The stored tree of shapes, from which programs are made once the columns are there.</summary>
internal sealed class ShapeSteps
{
    private const int Roots = 5;

    private long[] _parents = [];
    private long[] _ops = [];
    private long[] _tags = [];
    private long[] _arguments = [];
    private long[] _lasts = [];
    private byte[][] _literals = [];

    public static ShapeSteps Read(ref FrameReader reader, List<long[]> streams)
    {
        int literalCount = reader.ReadCount();
        DecodedColumn literals = TextCodec.Read(ref reader, literalCount, streams);
        int count = reader.ReadCount();
        var steps = new ShapeSteps
        {
            _literals = new byte[literalCount][],
            _parents = NumberCodec.Read(ref reader, count, streams),
            _ops = NumberCodec.Read(ref reader, count, streams),
            _tags = NumberCodec.Read(ref reader, count, streams),
            _arguments = NumberCodec.Read(ref reader, count, streams),
        };
        for (int i = 0; i < literalCount; i++)
        {
            steps._literals[i] = literals.Text(literals.EntryAt(i)).ToArray();
        }

        for (int i = 0; i < count; i++)
        {
            if (steps._parents[i] < 0 || steps._parents[i] >= i + Roots || steps._ops[i] is < (long)ShapeOp.Literal or > (long)ShapeOp.End)
            {
                throw reader.Fail($"shape node {i} has parent {steps._parents[i]} and step {steps._ops[i]}");
            }
        }

        steps._lasts = NumberCodec.Read(ref reader, reader.ReadCount(), streams);
        return steps;
    }

    /// <summary>One program a shape.</summary>
    public ShapeProgram[] Link(Dictionary<int, DecodedColumn> columns)
    {
        byte[][] tags = [.. _tags.Select(TagBytes)];
        var programs = new ShapeProgram[_lasts.Length];
        for (int i = 0; i < programs.Length; i++)
        {
            var steps = new List<ShapeProgram.Step>();
            for (long node = _lasts[i]; node >= Roots; node = _parents[node - Roots])
            {
                int at = (int)node - Roots;
                var op = (ShapeOp)_ops[at];
                steps.Add(op switch
                {
                    ShapeOp.Literal => new ShapeProgram.Step(op, _literals[_arguments[at]], null),
                    ShapeOp.End or ShapeOp.Begin => new ShapeProgram.Step(op, tags[at], null),
                    ShapeOp.Text => new ShapeProgram.Step(op, [], columns[SealedColumnId.FirstOfTree + (int)_arguments[at]]),
                    _ => new ShapeProgram.Step(op, tags[at], columns[SealedColumnId.FirstOfTree + (int)_arguments[at]]),
                });
            }

            programs[i] = new ShapeProgram([.. steps]);
        }

        return programs;
    }

    private static byte[] TagBytes(long tag)
    {
        byte[] bytes = new byte[Varint.Size((ulong)tag)];
        Varint.Write(bytes, (ulong)tag);
        return bytes;
    }
}
