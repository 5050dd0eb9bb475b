using System.Text;
using Muniment.Events.Otlp.Schema;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>Re-encodes a checked message without its <see cref="LeakingAttributes"/>, at any depth. Everything else keeps its bytes and order.</summary>
internal static class OtlpCutter
{
    /// <summary>Writes the message without them and counts what was left out by name.</summary>
    public static void Copy(ReadOnlySpan<byte> message, MessageSchema schema, ProtoWriter target, SortedDictionary<string, int> cut)
    {
        var cursor = new ProtoCursor(message);
        while (!cursor.AtEnd)
        {
            int start = cursor.Position;
            if (!cursor.TryReadTag(out uint tag))
            {
                return;
            }

            FieldSchema? field = schema.Find(tag >> 3);
            if (field is not { Kind: FieldKind.Message } || (tag & 7) != ProtoCursor.Len)
            {
                if (!cursor.TrySkip(tag))
                {
                    return;
                }

                target.Raw(message[start..cursor.Position]);
                continue;
            }

            if (!cursor.TryReadBytes(out ReadOnlySpan<byte> content))
            {
                return;
            }

            if (field.Message.Role == MessageRole.KeyValue && LeakingAttributes.Contains(KeyOf(content)))
            {
                string name = Encoding.UTF8.GetString(KeyOf(content));
                cut[name] = cut.GetValueOrDefault(name) + 1;
                continue;
            }

            int nested = target.Begin(field.Number);
            Copy(content, field.Message, target, cut);
            target.End(nested);
        }
    }

    /// <summary>Key of a checked <c>KeyValue</c>; the last one counts.</summary>
    public static ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> keyValue)
    {
        ReadOnlySpan<byte> key = default;
        var cursor = new ProtoCursor(keyValue);
        while (!cursor.AtEnd && cursor.TryReadTag(out uint tag))
        {
            if (tag == ((1 << 3) | ProtoCursor.Len) ? !cursor.TryReadBytes(out key) : !cursor.TrySkip(tag))
            {
                break;
            }
        }

        return key;
    }
}
