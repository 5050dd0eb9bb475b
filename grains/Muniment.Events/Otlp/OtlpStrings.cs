using Muniment.Events.Otlp.Schema;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>Re-encodes stored OTLP messages with other strings; everything else keeps its bytes and order.</summary>
public static class OtlpStrings
{
    /// <summary>Gives another text for a string, or null to keep it.</summary>
    /// <param name="name">Key of the attribute that holds it, or the field's name in the .proto file.</param>
    /// <param name="value">The string, UTF-8.</param>
    public delegate string? Rewrite(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    /// <summary>The entry with its strings rewritten: attribute keys and values at any depth, bodies, names, descriptions. Entries that are not OTLP come back as they are.</summary>
    public static StoredEvent Apply(in StoredEvent stored, Rewrite rewrite)
    {
        OtlpSignal? signal = stored.Kind switch { EntryKind.Log => OtlpSignal.Logs, EntryKind.Span => OtlpSignal.Traces, EntryKind.Metric => OtlpSignal.Metrics, _ => null };
        return signal is not { } known
            ? stored
            : stored with
            {
                Resource = Copy(stored.Resource, OtlpSchema.ResourceGroupOf(known), rewrite),
                Scope = Copy(stored.Scope, OtlpSchema.ScopeGroupOf(known), rewrite),
                Record = Copy(stored.Record, OtlpSchema.RecordOf(known), rewrite),
            };
    }

    /// <summary>
    /// A record with only those strings rewritten that a sender fills freely: values of attributes and bodies at any depth, and a status' message; no keys, names and ids. Not <see cref="EntryKind.Event"/>.
    /// </summary>
    /// <returns>The very same memory when nothing was rewritten.</returns>
    public static ReadOnlyMemory<byte> ApplyToValues(ReadOnlyMemory<byte> record, EntryKind kind, Rewrite rewrite) => Copy(
        record, OtlpSchema.RecordOf(kind switch { EntryKind.Log => OtlpSignal.Logs, EntryKind.Span => OtlpSignal.Traces, _ => OtlpSignal.Metrics }), rewrite, valuesOnly: true);

    private static ReadOnlyMemory<byte> Copy(ReadOnlyMemory<byte> message, MessageSchema schema, Rewrite rewrite, bool valuesOnly = false)
    {
        var target = new ProtoWriter(message.Length + 64);
        return Copy(message.Span, schema, default, target, rewrite, valuesOnly) ? target.WrittenMemory : message;
    }

    private static bool IsValue(MessageSchema schema, FieldSchema field) => schema.Role is MessageRole.AnyValue || (schema == OtlpSchema.Status && field.Number == 2);

    /// <summary>Copies a checked message; false when nothing was rewritten.</summary>
    private static bool Copy(ReadOnlySpan<byte> message, MessageSchema schema, ReadOnlySpan<byte> name, ProtoWriter target, Rewrite rewrite, bool valuesOnly)
    {
        bool changed = false;
        name = schema.Role == MessageRole.KeyValue ? OtlpCutter.KeyOf(message) : name;
        var cursor = new ProtoCursor(message);
        while (!cursor.AtEnd)
        {
            int start = cursor.Position;
            if (!cursor.TryReadTag(out uint tag))
            {
                break;
            }

            FieldSchema? field = schema.Find(tag >> 3);
            if (field is not { Kind: FieldKind.Message or FieldKind.String } || (tag & 7) != ProtoCursor.Len)
            {
                if (!cursor.TrySkip(tag))
                {
                    break;
                }

                target.Raw(message[start..cursor.Position]);
                continue;
            }

            if (!cursor.TryReadBytes(out ReadOnlySpan<byte> content))
            {
                break;
            }

            if (field.Kind == FieldKind.String)
            {
                ReadOnlySpan<byte> of = schema.Role is MessageRole.AnyValue ? name : System.Text.Encoding.UTF8.GetBytes(field.Name);
                if ((!valuesOnly || IsValue(schema, field)) && rewrite(of, content) is { } other)
                {
                    target.Bytes(field.Number, System.Text.Encoding.UTF8.GetBytes(other));
                    changed = true;
                    continue;
                }

                target.Raw(message[start..cursor.Position]);
                continue;
            }

            int nested = target.Begin(field.Number);
            changed |= Copy(content, field.Message, name, target, rewrite, valuesOnly);
            target.End(nested);
        }

        return changed;
    }
}
