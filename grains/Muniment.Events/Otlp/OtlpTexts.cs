using System.Text;
using Muniment.Events.Otlp.Schema;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>
/// Visits every text of an OTLP message that a sender fills freely: string values of attributes and bodies at any depth, and a status' message. Names, keys and ids are no such texts. What
/// is not replaced keeps its bytes and order.
/// </summary>
public static class OtlpTexts
{
    /// <summary>Visits a checked record.</summary>
    /// <param name="record">A <c>LogRecord</c>, <c>Span</c> or <c>Metric</c>.</param>
    /// <param name="kind">Which.</param>
    /// <param name="replace">Gets the key of the attribute around a text (empty for a body) and the text; gives the text to put in its place, or null to leave it.</param>
    /// <returns>The record with replacements; the very same memory when there are none.</returns>
    public static ReadOnlyMemory<byte> Visit(ReadOnlyMemory<byte> record, EntryKind kind, Func<string, string, string?> replace) => Visit(
        record, kind switch { EntryKind.Log => OtlpSchema.LogRecord, EntryKind.Span => OtlpSchema.Span, _ => OtlpSchema.Metric }, replace);

    /// <summary>Visits a resource without its scopes, as it is stored.</summary>
    /// <param name="resource">A <c>ResourceLogs</c> or sibling with fields 1 and 3.</param>
    /// <param name="replace">As above.</param>
    public static ReadOnlyMemory<byte> VisitResource(ReadOnlyMemory<byte> resource, Func<string, string, string?> replace) => Visit(resource, OtlpSchema.ResourceGroupOf(OtlpSignal.Logs), replace);

    private static ReadOnlyMemory<byte> Visit(ReadOnlyMemory<byte> message, MessageSchema schema, Func<string, string, string?> replace)
    {
        var target = new ProtoWriter(message.Length + 64);
        bool changed = Copy(message.Span, schema, target, "", replace);
        return changed ? target.Written.ToArray() : message;
    }

    private static bool Copy(ReadOnlySpan<byte> message, MessageSchema schema, ProtoWriter target, string key, Func<string, string, string?> replace)
    {
        bool changed = false;
        var cursor = new ProtoCursor(message);
        while (!cursor.AtEnd)
        {
            int start = cursor.Position;
            if (!cursor.TryReadTag(out uint tag))
            {
                return changed;
            }

            FieldSchema? field = schema.Find(tag >> 3);
            bool isText = field is { Kind: FieldKind.String } && IsFree(schema, field);
            if ((field is not { Kind: FieldKind.Message } && !isText) || (tag & 7) != ProtoCursor.Len)
            {
                if (!cursor.TrySkip(tag))
                {
                    return changed;
                }

                target.Raw(message[start..cursor.Position]);
                continue;
            }

            if (!cursor.TryReadBytes(out ReadOnlySpan<byte> content))
            {
                return changed;
            }

            if (isText)
            {
                string? instead = replace(key, Encoding.UTF8.GetString(content));
                target.Bytes(field!.Number, instead is null ? content : Encoding.UTF8.GetBytes(instead));
                changed |= instead is not null;
                continue;
            }

            int at = target.Begin(field!.Number);
            changed |= Copy(content, field.Message, target, field.Message.Role == MessageRole.KeyValue ? KeyOf(content) : key, replace);
            target.End(at);
        }

        return changed;
    }

    private static bool IsFree(MessageSchema schema, FieldSchema field) => schema == OtlpSchema.AnyValue || (schema == OtlpSchema.Status && field.Number == 2);

    private static string KeyOf(ReadOnlySpan<byte> keyValue)
    {
        var cursor = new ProtoCursor(keyValue);
        while (!cursor.AtEnd && cursor.TryReadTag(out uint tag))
        {
            if (tag == ((1 << 3) | ProtoCursor.Len))
            {
                return cursor.TryReadBytes(out ReadOnlySpan<byte> key) ? Encoding.UTF8.GetString(key) : "";
            }

            if (!cursor.TrySkip(tag))
            {
                break;
            }
        }

        return "";
    }
}
