using System.Text.Unicode;
using Muniment.Events.Otlp.Schema;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>
/// Checks a message against <see cref="OtlpSchema"/>: tags, wire types, lengths, UTF-8, nesting, counts. Unknown fields are only checked to be well formed.
/// Recursion is bounded by the schema and by <see cref="OtlpLimits.MaxValueDepth"/>.
/// </summary>
internal static class OtlpValidator
{
    private static FieldSchema KeyField { get; } = OtlpSchema.KeyValue.Find(1)!;

    public static bool Check(ReadOnlySpan<byte> data, MessageSchema schema, Validation state) => Check(data, 0, data.Length, schema, 0, state);

    public static bool Check(ReadOnlySpan<byte> data, int start, int end, MessageSchema schema, int depth, Validation state)
    {
        if (schema.Role != MessageRole.Other && !Enter(schema.Role, start, ref depth, state))
        {
            return false;
        }

        var cursor = new ProtoCursor(data, start, end);
        int attributes = 0;
        while (!cursor.AtEnd)
        {
            if (!cursor.TryReadTag(out uint tag))
            {
                return state.Fail(cursor.Fault, cursor.Position);
            }

            FieldSchema? field = schema.Find(tag >> 3);
            if (field is null)
            {
                if (!cursor.TrySkip(tag))
                {
                    return state.Fail(cursor.Fault, cursor.Position);
                }

                continue;
            }

            int at = cursor.Position;
            bool good = IsAttribute(field) && ++attributes > state.Limits.MaxAttributes
                ? state.Fail(WireFault.TooManyAttributes, at)
                : CheckField(ref cursor, tag, field, data, depth, state);
            if (!good)
            {
                state.Unwind(field, field.Repeated ? CountBefore(data, start, at, field.Number) : 0);
                return false;
            }
        }

        return true;
    }

    private static bool IsAttribute(FieldSchema field) => field is { Repeated: true, Kind: FieldKind.Message } && field.Message.Role == MessageRole.KeyValue;

    private static bool Enter(MessageRole role, int start, ref int depth, Validation state)
    {
        if (role == MessageRole.AnyValue && ++depth > state.Limits.MaxValueDepth)
        {
            return state.Fail(WireFault.TooDeep, start);
        }

        return role != MessageRole.Record || ++state.Records <= state.Limits.MaxRecords || state.Fail(WireFault.TooManyRecords, start);
    }

    private static bool CheckField(ref ProtoCursor cursor, uint tag, FieldSchema field, ReadOnlySpan<byte> data, int depth, Validation state)
    {
        int wire = (int)(tag & 7);
        if (wire != field.WireType)
        {
            return field.MayBePacked && wire == ProtoCursor.Len ? CheckPacked(ref cursor, field, data, state) : state.Fail(WireFault.WrongWireType, cursor.Position);
        }

        if (wire != ProtoCursor.Len)
        {
            return cursor.TrySkip(tag) || state.Fail(cursor.Fault, cursor.Position);
        }

        if (!cursor.TryReadLength(out int start, out int length))
        {
            return state.Fail(cursor.Fault, cursor.Position);
        }

        switch (field.Kind)
        {
            case FieldKind.Message:
                return Check(data, start, start + length, field.Message, depth, state);
            case FieldKind.String:
                ReadOnlySpan<byte> text = data.Slice(start, length);
                if (!Utf8.IsValid(text))
                {
                    return state.Fail(WireFault.InvalidUtf8, start);
                }

                if (field == KeyField && LeakingAttributes.Contains(text))
                {
                    state.LeakFound = true;
                }

                return true;
            default:
                return true;
        }
    }

    private static bool CheckPacked(ref ProtoCursor cursor, FieldSchema field, ReadOnlySpan<byte> data, Validation state)
    {
        if (!cursor.TryReadLength(out int start, out int length))
        {
            return state.Fail(cursor.Fault, cursor.Position);
        }

        var packed = new ProtoCursor(data, start, start + length);
        while (!packed.AtEnd)
        {
            if (!packed.TrySkip((uint)field.WireType))
            {
                return state.Fail(packed.Fault == WireFault.Truncated ? WireFault.RaggedPacked : packed.Fault, packed.Position);
            }
        }

        return true;
    }

    private static int CountBefore(ReadOnlySpan<byte> data, int start, int end, int number)
    {
        var cursor = new ProtoCursor(data, start, end);
        int count = 0;
        while (!cursor.AtEnd && cursor.TryReadTag(out uint tag) && cursor.TrySkip(tag))
        {
            count += tag >> 3 == (uint)number ? 1 : 0;
        }

        return count;
    }
}
