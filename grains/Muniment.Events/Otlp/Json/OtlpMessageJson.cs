using System.Buffers.Text;
using System.Runtime.CompilerServices;
using Muniment.Events.Otlp.Schema;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp.Json;

/// <summary>
/// Writes checked protobuf as JSON, field by field in the schema's order. Repeated fields are gathered wherever they lie, of a scalar or a oneof the last
/// one counts, a repeated embedded message is merged. Fields that the schema does not know have no JSON form and are left out.
/// </summary>
internal static class OtlpMessageJson
{
    public static void Write(JsonOutput json, ReadOnlySpan<byte> data, MessageSchema schema, JsonStyle style)
    {
        json.WriteStartObject();
        WriteMembers(json, data, schema, style, 0);
        json.WriteEndObject();
    }

    /// <summary>Writes the members only, without the fields whose <see cref="FieldSchema.Index"/> is a bit of <paramref name="skip"/>.</summary>
    [SkipLocalsInit]
    public static void WriteMembers(JsonOutput json, ReadOnlySpan<byte> data, MessageSchema schema, JsonStyle style, uint skip)
    {
        Span<FieldOccurrence> found = stackalloc FieldOccurrence[MessageSchema.MaxFields];
        found = found[..schema.Fields.Length];
        found.Clear();
        int winner = Locate(data, schema, found);
        foreach (FieldSchema field in schema.Fields)
        {
            ref FieldOccurrence at = ref found[field.Index];
            if (at.Count == 0 || (skip & (1u << field.Index)) != 0 || (field.OneOf != 0 && field.Index != winner))
            {
                continue;
            }

            json.WritePropertyName(style == JsonStyle.Otlp ? field.JsonText : field.NameText);
            if (field.Repeated)
            {
                WriteRepeated(json, data, field, at, style);
            }
            else if (field.Kind == FieldKind.Message && at.Count > 1 && field.OneOf == 0)
            {
                WriteNested(json, Merge(data, field, at), field.Message, style);
            }
            else
            {
                var cursor = new ProtoCursor(data, at.Last, data.Length);
                if (cursor.TryReadTag(out _))
                {
                    WriteOne(json, ref cursor, data, field, style);
                }
            }
        }
    }

    /// <summary>Finds each field; returns the index of the oneof's member that was set last, -1 for none.</summary>
    private static int Locate(ReadOnlySpan<byte> data, MessageSchema schema, Span<FieldOccurrence> found)
    {
        int winner = -1;
        var cursor = new ProtoCursor(data);
        while (!cursor.AtEnd)
        {
            int at = cursor.Position;
            if (!cursor.TryReadTag(out uint tag) || !cursor.TrySkip(tag))
            {
                break;
            }

            FieldSchema? field = schema.Find(tag >> 3);
            if (field is null)
            {
                continue;
            }

            ref FieldOccurrence occurrence = ref found[field.Index];
            occurrence.First = occurrence.Count == 0 ? at : occurrence.First;
            occurrence.Last = at;
            occurrence.Count++;
            winner = field.OneOf != 0 ? field.Index : winner;
        }

        return winner;
    }

    private static void WriteRepeated(JsonOutput json, ReadOnlySpan<byte> data, FieldSchema field, FieldOccurrence at, JsonStyle style)
    {
        if (style == JsonStyle.Plain && field.Kind == FieldKind.Message && field.Message.Role == MessageRole.KeyValue)
        {
            if (OtlpValueJson.WriteAttributes(json, data, field.Number))
            {
                json.WritePropertyName("duplicate_attributes"u8);
                OtlpValueJson.WriteRepeated(json, data, field.Number);
            }

            return;
        }

        json.WriteStartArray();
        var cursor = new ProtoCursor(data, at.First, data.Length);
        while (cursor.Position <= at.Last && cursor.TryReadTag(out uint tag))
        {
            if (tag >> 3 != (uint)field.Number)
            {
                cursor.TrySkip(tag);
            }
            else if (field.MayBePacked && (tag & 7) == ProtoCursor.Len)
            {
                cursor.TryReadBytes(out ReadOnlySpan<byte> bytes);
                var packed = new ProtoCursor(bytes);
                while (!packed.AtEnd && packed.Fault == WireFault.None)
                {
                    WriteOne(json, ref packed, bytes, field, style);
                }
            }
            else
            {
                WriteOne(json, ref cursor, data, field, style);
            }
        }

        json.WriteEndArray();
    }

    private static byte[] Merge(ReadOnlySpan<byte> data, FieldSchema field, FieldOccurrence at)
    {
        var merged = new ProtoWriter();
        var cursor = new ProtoCursor(data, at.First, data.Length);
        while (cursor.Position <= at.Last && cursor.TryReadTag(out uint tag))
        {
            if (tag >> 3 != (uint)field.Number)
            {
                cursor.TrySkip(tag);
            }
            else if (cursor.TryReadBytes(out ReadOnlySpan<byte> content))
            {
                if (field.Message.Role == MessageRole.AnyValue)
                {
                    merged.Clear();
                }

                merged.Raw(content);
            }
        }

        return merged.Written.ToArray();
    }

    private static void WriteNested(JsonOutput json, ReadOnlySpan<byte> content, MessageSchema schema, JsonStyle style)
    {
        if (style == JsonStyle.Plain && schema.Role == MessageRole.AnyValue)
        {
            OtlpValueJson.WriteValue(json, content);
        }
        else
        {
            Write(json, content, schema, style);
        }
    }

    private static void WriteOne(JsonOutput json, ref ProtoCursor cursor, ReadOnlySpan<byte> data, FieldSchema field, JsonStyle style)
    {
        ulong bits = 0;
        uint small = 0;
        int start = 0, length = 0;
        bool read = field.WireType switch
        {
            ProtoCursor.Varint => cursor.TryReadVarint(out bits),
            ProtoCursor.Fixed64 => cursor.TryReadFixed64(out bits),
            ProtoCursor.Fixed32 => cursor.TryReadFixed32(out small),
            _ => cursor.TryReadLength(out start, out length),
        };
        if (!read)
        {
            json.WriteNullValue();
            return;
        }

        ReadOnlySpan<byte> bytes = data.Slice(start, length);
        switch (field.Kind)
        {
            case FieldKind.String:
                json.WriteStringValue(bytes);
                break;
            case FieldKind.Bytes:
                json.WriteBase64StringValue(bytes);
                break;
            case FieldKind.Id:
                json.WriteHexStringValue(bytes);
                break;
            case FieldKind.Message:
                WriteNested(json, bytes, field.Message, style);
                break;
            case FieldKind.Bool:
                json.WriteBooleanValue(bits != 0);
                break;
            case FieldKind.Enum:
                json.WriteNumberValue((long)(int)bits);
                break;
            case FieldKind.UInt32:
                json.WriteNumberValue((ulong)(uint)bits);
                break;
            case FieldKind.Fixed32:
                json.WriteNumberValue((ulong)small);
                break;
            case FieldKind.SInt32:
                json.WriteNumberValue((long)((int)((uint)bits >> 1) ^ -(int)(bits & 1)));
                break;
            case FieldKind.Double:
                OtlpValueJson.WriteDouble(json, BitConverter.UInt64BitsToDouble(bits));
                break;
            case FieldKind.Int64 or FieldKind.SFixed64 when style == JsonStyle.Plain:
                json.WriteNumberValue((long)bits);
                break;
            case FieldKind.UInt64 or FieldKind.Fixed64 when style == JsonStyle.Plain:
                json.WriteNumberValue(bits);
                break;
            case FieldKind.Int64 or FieldKind.SFixed64:
                WriteIntegerText(json, (long)bits < 0, (long)bits < 0 ? 0 - bits : bits);
                break;
            default:
                WriteIntegerText(json, false, bits);
                break;
        }
    }

    private static void WriteIntegerText(JsonOutput json, bool negative, ulong magnitude)
    {
        Span<byte> text = stackalloc byte[AnyValueView.ScratchBytes];
        text[0] = (byte)'-';
        int from = negative ? 1 : 0;
        Utf8Formatter.TryFormat(magnitude, text[from..], out int written);
        json.WriteStringValue(text[..(from + written)]);
    }
}
