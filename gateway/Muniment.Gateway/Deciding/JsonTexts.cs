using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Deciding;

/// <summary>All texts of a JSON value, decoded, and the same value written again with others in their place. Names of members are texts too: a secret may stand there as well.</summary>
internal static class JsonTexts
{
    /// <summary>Adds the texts in the document's order; false when there are more than <paramref name="most"/> in all, or one is no text (half a surrogate pair).</summary>
    public static bool TryCollect(JsonElement element, string pointer, string role, ImmutableArray<InspectedText>.Builder texts, int most)
    {
        try
        {
            Collect(element, pointer, role, texts, most);
            return texts.Count <= most;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static void Collect(JsonElement element, string pointer, string role, ImmutableArray<InspectedText>.Builder texts, int most)
    {
        if (texts.Count > most)
        {
            return;
        }

        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                texts.Add(new InspectedText(pointer, role, element.GetString()!));
                break;
            case JsonValueKind.Array:
                int index = 0;
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Collect(item, $"{pointer}/{index++}", role, texts, most);
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    string inner = $"{pointer}/{member.Name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
                    texts.Add(new InspectedText(inner, role, member.Name));
                    Collect(member.Value, inner, role, texts, most);
                }

                break;
        }
    }

    /// <summary>Writes the value with these texts, from a place on.</summary>
    public static void Write(Utf8JsonWriter json, JsonElement element, ImmutableArray<string> texts, ref int at)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Undefined:
                json.WriteNullValue();
                break;
            case JsonValueKind.String:
                json.WriteStringValue(texts[at++]);
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (JsonElement item in element.EnumerateArray())
                {
                    Write(json, item, texts, ref at);
                }

                json.WriteEndArray();
                break;
            case JsonValueKind.Object:
                json.WriteStartObject();
                var names = new HashSet<string>(StringComparer.Ordinal);
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    json.WritePropertyName(Unique(texts[at++], names));
                    Write(json, member.Value, texts, ref at);
                }

                json.WriteEndObject();
                break;
            default:
                element.WriteTo(json);
                break;
        }
    }

    // Two names that were replaced by the same placeholder stay two.
    private static string Unique(string name, HashSet<string> names)
    {
        string unique = name;
        for (int i = 2; !names.Add(unique); i++)
        {
            unique = $"{name}_{i}";
        }

        return unique;
    }
}
