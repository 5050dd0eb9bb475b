using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Muniment.Events.Blocks.Sealed;

/// <summary>Walks over one protobuf record. Refuses what would not come out the same: numbers longer than needed, groups, damaged or very deep messages.</summary>
internal readonly ref struct ProtoWalk(ShapeTree tree, RecordReader values, ReadOnlySpan<byte> record)
{
    private const int MaxDepth = 24;
    private readonly ReadOnlySpan<byte> _record = record;

    /// <summary>Fields from <paramref name="at"/> to <paramref name="end"/>; moves <paramref name="node"/> on.</summary>
    public bool Message(ref int node, int at, int end, ProtoType type, int context, int depth)
    {
        ReadOnlySpan<byte> message = _record[..end];
        while (at < end)
        {
            int start = at;
            if (!Minimal(message, ref at, out ulong tag) || tag > uint.MaxValue || tag < 8)
            {
                return false;
            }

            switch (tag & 7)
            {
                case 0:
                    if (!Minimal(message, ref at, out ulong number) || !Step(ref node, ShapeOp.Varint, (uint)tag, context) || !values.Keep(node, (long)number))
                    {
                        return false;
                    }

                    break;
                case 1:
                    if (end - at < 8 || !Step(ref node, ShapeOp.Fixed64, (uint)tag, context) || !values.Keep(node, BinaryPrimitives.ReadInt64LittleEndian(message[at..])))
                    {
                        return false;
                    }

                    at += 8;
                    break;
                case 5:
                    if (end - at < 4 || !Step(ref node, ShapeOp.Fixed32, (uint)tag, context) || !values.Keep(node, BinaryPrimitives.ReadUInt32LittleEndian(message[at..])))
                    {
                        return false;
                    }

                    at += 4;
                    break;
                case 2:
                    if (!Minimal(message, ref at, out ulong length) || length > (ulong)(end - at))
                    {
                        return false;
                    }

                    int next = at + (int)length;
                    ProtoType field = ProtoSchema.Field(type, (uint)tag >> 3);
                    bool ok = field switch
                    {
                        ProtoType.Leaf => Step(ref node, ShapeOp.Bytes, (uint)tag, context) && values.Keep(node, at, (int)length),
                        ProtoType.Key => Key(ref node, message[start..next], ref context),
                        ProtoType.Attribute => Attribute(ref node, (uint)tag, at, next, context, depth),
                        _ => Nested(ref node, (uint)tag, at, next, field, context, depth),
                    };
                    if (!ok)
                    {
                        return false;
                    }

                    at = next;
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private bool Nested(ref int node, uint tag, int at, int end, ProtoType type, int context, int depth)
    {
        if (depth == MaxDepth)
        {
            return false;
        }

        int begin = tree.Find(node, ShapeOp.Begin, tag);
        begin = begin >= 0 ? begin : tree.Add(node, ShapeOp.Begin, tag, tree.ContextBelow(context, tag, 0));
        if (begin < 0)
        {
            return false;
        }

        node = begin;
        return Message(ref node, at, end, type, tree[begin].Context, depth + 1) && Step(ref node, ShapeOp.End, 0, context);
    }

    private bool Attribute(ref int node, uint tag, int at, int end, int context, int depth)
    {
        int from = node;
        if (depth + 2 <= MaxDepth)
        {
            for (int number = tree.FirstAttribute(from); number >= 0;)
            {
                ref readonly AttributeStep step = ref tree.Attribute(number);
                if (step.Tag == tag && IsAttribute(step, at, end))
                {
                    node = step.Node;
                    return KeepValue(step, at + step.Key.Length, end);
                }

                number = step.Next;
            }
        }

        if (!Nested(ref node, tag, at, end, ProtoType.Attribute, context, depth))
        {
            return false;
        }

        if (depth + 2 <= MaxDepth)
        {
            tree.LearnAttribute(from, tag, node);
        }

        return true;
    }

    // Exactly the step's key and one value of its kind, each number in its shortest form.
    private bool IsAttribute(in AttributeStep step, int at, int end)
    {
        ReadOnlySpan<byte> message = _record[at..end];
        int value = step.Key.Length;
        if (message.Length < value + 3 || !message.StartsWith(step.Key) || message[value] != AttributeStep.ValueTag)
        {
            return false;
        }

        value++;
        if (!Minimal(message, ref value, out ulong length) || length != (ulong)(message.Length - value) || length < 2 || message[value] != step.Value)
        {
            return false;
        }

        value++;
        return step.Op switch
        {
            ShapeOp.Bytes => Minimal(message, ref value, out ulong bytes) && bytes == (ulong)(message.Length - value),
            ShapeOp.Varint => Minimal(message, ref value, out _) && value == message.Length,
            _ => message.Length - value == 8,
        };
    }

    // What was found to be an attribute of this step.
    private bool KeepValue(in AttributeStep step, int at, int end)
    {
        at++;
        Minimal(_record, ref at, out _);
        at++;
        if (step.Op == ShapeOp.Fixed64)
        {
            return values.KeepAs(step.Column, BinaryPrimitives.ReadInt64LittleEndian(_record[at..]));
        }

        Minimal(_record, ref at, out ulong number);
        return step.Op == ShapeOp.Varint ? values.KeepAs(step.Column, (long)number) : values.KeepAs(step.Column, at, end - at);
    }

    // An attribute's key belongs to the shape and names the column of its value.
    private bool Key(ref int node, ReadOnlySpan<byte> literal, ref int context)
    {
        int child = tree.FindLiteral(node, literal);
        child = child >= 0 ? child : tree.Add(node, ShapeOp.Literal, 0, tree.ContextBelow(context, 0, ValueHash.Of(literal)), literal);
        node = child;
        if (child < 0)
        {
            return false;
        }

        context = tree[child].Context;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Step(ref int node, ShapeOp op, uint tag, int context)
    {
        int child = tree.Find(node, op, tag);
        node = child >= 0 ? child : tree.Add(node, op, tag, context);
        return node >= 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Minimal(ReadOnlySpan<byte> source, ref int at, out ulong value)
    {
        int start = at;
        return Varint.TryRead(source, ref at, out value) && (at == start + 1 || source[at - 1] != 0);
    }
}
