using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>One shape, ready to write records: its steps from the last to the first, because a message's length is known only when its content stands.</summary>
internal sealed class ShapeProgram(ShapeProgram.Step[] steps)
{
    /// <summary>A whole attribute with one plain value; never stored. Its steps are those of <see cref="AttributeStep"/>.</summary>
    private const ShapeOp JoinedAttribute = (ShapeOp)255;

    /// <summary>Deepest nesting of messages that a writer makes, and more.</summary>
    private const int MaxDepth = 64;

    private readonly Step[] _steps = steps;
    private readonly Step[] _joined = Join(steps);

    /// <summary>Columns of its values, and how many of each it takes.</summary>
    public ImmutableArray<(DecodedColumn Column, int Times)> Uses { get; } =
        [.. steps.Where(s => s.Column is not null).GroupBy(s => s.Column!).Select(g => (g.Key, g.Count()))];

    /// <summary>Whether its records are kept whole, as one value.</summary>
    public bool IsWhole => _steps is [{ Op: ShapeOp.Text }];

    /// <summary>Whether its fixed bytes have a needle, or an escape where that counts.</summary>
    public bool IsFixedMatch(RowNeedles needles, bool escapes) =>
        _steps.Any(s => s.Op == ShapeOp.Literal && (needles.IsIn(s.Fixed) || (escapes && s.Fixed.AsSpan().IndexOf(needles.EscapeMark) >= 0)));

    /// <summary>Writes a record that ends at <paramref name="at"/>; returns where it begins.</summary>
    [SkipLocalsInit]
    public int Write(Span<byte> target, int at)
    {
        Span<int> ends = stackalloc int[MaxDepth];
        int depth = 0;
        foreach (ref readonly Step step in _joined.AsSpan())
        {
            switch (step.Op)
            {
                case ShapeOp.Literal:
                    break;
                case JoinedAttribute:
                    at = PutAttribute(target, at, step);
                    continue;
                case ShapeOp.Text:
                    at = step.Column!.PutText(target, at);
                    break;
                case ShapeOp.Bytes:
                    int end = at;
                    at = step.Column!.PutText(target, at);
                    at = PutVarint(target, at, (ulong)(end - at));
                    break;
                case ShapeOp.Varint:
                    at = PutVarint(target, at, (ulong)step.Column!.TakeNumber());
                    break;
                case ShapeOp.Fixed64:
                    at -= 8;
                    System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(target[at..], step.Column!.TakeNumber());
                    break;
                case ShapeOp.Fixed32:
                    at -= 4;
                    System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(target[at..], (uint)step.Column!.TakeNumber());
                    break;
                case ShapeOp.End:
                    ends[depth++] = at;
                    continue;
                default:
                    at = PutVarint(target, at, (ulong)(ends[--depth] - at));
                    break;
            }

            // The tag, or the literal.
            if (step.Fixed.Length == 1)
            {
                target[--at] = step.Fixed[0];
            }
            else
            {
                at = Put(target, at, step.Fixed);
            }
        }

        return at;
    }

    // End, end, value, begin, key, begin: what the usual attribute is, from its end, becomes one step.
    private static Step[] Join(Step[] steps)
    {
        List<Step> joined = [];
        for (int i = 0; i < steps.Length; i++)
        {
            if (i + 5 < steps.Length && steps[i].Op == ShapeOp.End && steps[i + 1].Op == ShapeOp.End && steps[i + 2] is { Op: ShapeOp.Bytes or ShapeOp.Varint or ShapeOp.Fixed64, Fixed.Length: 1 }
                && steps[i + 3] is { Op: ShapeOp.Begin, Fixed.Length: 1 } && steps[i + 4].Op == ShapeOp.Literal && steps[i + 5] is { Op: ShapeOp.Begin, Fixed.Length: 1 })
            {
                byte[] all = [steps[i + 2].Fixed[0], steps[i + 3].Fixed[0], steps[i + 5].Fixed[0], .. steps[i + 4].Fixed];
                joined.Add(new Step(JoinedAttribute, all, steps[i + 2].Column) { Value = steps[i + 2].Op });
                i += 5;
            }
            else
            {
                joined.Add(steps[i]);
            }
        }

        return [.. joined];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PutAttribute(Span<byte> target, int at, in Step step)
    {
        int end = at;
        if (step.Value == ShapeOp.Bytes)
        {
            at = step.Column!.PutText(target, at);
            at = PutVarint(target, at, (ulong)(end - at));
        }
        else if (step.Value == ShapeOp.Varint)
        {
            at = PutVarint(target, at, (ulong)step.Column!.TakeNumber());
        }
        else
        {
            at -= 8;
            System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(target[at..], step.Column!.TakeNumber());
        }

        byte[] all = step.Fixed;
        target[--at] = all[0];
        at = PutVarint(target, at, (ulong)(end - at));
        target[--at] = all[1];
        at = Put(target, at, all.AsSpan(3));
        at = PutVarint(target, at, (ulong)(end - at));
        target[--at] = all[2];
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Put(Span<byte> target, int at, ReadOnlySpan<byte> value)
    {
        at -= value.Length;
        value.CopyTo(target[at..]);
        return at;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PutVarint(Span<byte> target, int at, ulong value)
    {
        if (value < 0x80)
        {
            target[--at] = (byte)value;
            return at;
        }

        at -= Varint.Size(value);
        Varint.Write(target[at..], value);
        return at;
    }

    /// <summary>One step.</summary>
    /// <param name="Op">What to write.</param>
    /// <param name="Fixed">Bytes before it: the tag, or the literal.</param>
    /// <param name="Column">Where the value comes from.</param>
    internal readonly record struct Step(ShapeOp Op, byte[] Fixed, DecodedColumn? Column)
    {
        /// <summary>Of a whole attribute: what its value is. <see cref="Fixed"/> has the tags of value, value's message and attribute, then the key.</summary>
        public ShapeOp Value { get; init; }
    }
}
