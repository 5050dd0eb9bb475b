using System.Buffers;
using System.Text.Json;
using Muniment.Events.Canonical.Fields;

namespace Muniment.Events.Canonical;

/// <summary>
/// Takes content out of an event for roles that may not see it. Works on the event itself before anything is asked of it, so neither filters nor words nor
/// formats can tell what was there.
/// </summary>
public static class EventMasker
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 2 * EventLimits.MaxDepth };

    /// <summary>Puts <see cref="SensitiveFields.Mask"/> in place of every sensitive text.</summary>
    public static void Apply(CanonicalEvent e)
    {
        if (e.Tool?.Command is not null)
        {
            e.Tool.Command = SensitiveFields.Mask;
        }

        if (!e.Details.IsEmpty)
        {
            e.Details = MaskJson(e.Details);
        }
    }

    private static ReadOnlyMemory<byte> MaskJson(ReadOnlyMemory<byte> json)
    {
        var output = new ArrayBufferWriter<byte>(json.Length + 64);
        using (var writer = new Utf8JsonWriter(output, JsonText.Compact))
        {
            var reader = new Utf8JsonReader(json.Span, Options);
            reader.Read();
            Copy(ref reader, writer, json.Span);
        }

        return output.WrittenMemory;
    }

    private static void Copy(ref Utf8JsonReader reader, Utf8JsonWriter writer, ReadOnlySpan<byte> json)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                writer.WriteStartObject();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    CopyMember(ref reader, writer, json);
                }

                writer.WriteEndObject();
                break;
            case JsonTokenType.StartArray:
                writer.WriteStartArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    Copy(ref reader, writer, json);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteRawValue(json[(int)reader.TokenStartIndex..(int)reader.BytesConsumed], skipInputValidation: true);
                break;
        }
    }

    private static void CopyMember(ref Utf8JsonReader reader, Utf8JsonWriter writer, ReadOnlySpan<byte> json)
    {
        string name = reader.GetString()!;
        writer.WritePropertyName(name);
        reader.Read();
        bool content = reader.TokenType is JsonTokenType.String or JsonTokenType.StartObject or JsonTokenType.StartArray;
        if (content && SensitiveFields.IsSensitiveName(name))
        {
            reader.Skip();
            writer.WriteStringValue(SensitiveFields.Mask);
            return;
        }

        Copy(ref reader, writer, json);
    }
}
