using System.Text;
using System.Text.Json;

namespace Muniment.Events.Canonical.Fields;

/// <summary>
/// Finds values in a JSON object by dotted path without building a tree. Member names may hold dots themselves (<c>attributes.session.id</c> finds both
/// <c>{"attributes":{"session":{"id":1}}}</c> and <c>{"attributes":{"session.id":1}}</c>); a path through an array gives the values of all its elements.
/// </summary>
public static class DetailPath
{
    /// <summary>Most values that one path gives; what lies beyond is not looked at.</summary>
    public const int MaxValues = 256;

    private static readonly JsonReaderOptions Options = new() { MaxDepth = 2 * EventLimits.MaxDepth };

    /// <summary>The value at a path; missing when there is none.</summary>
    public static FieldValue Find(ReadOnlyMemory<byte> json, string path) => Find(json, Encoding.UTF8.GetBytes(path));

    /// <summary>The value at a path in UTF-8; missing when there is none.</summary>
    public static FieldValue Find(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> path)
    {
        if (json.IsEmpty)
        {
            return FieldValue.Missing;
        }

        var reader = new Utf8JsonReader(json.Span, Options);
        List<FieldValue>? found = null;
        FieldValue first = default;
        int count = 0;
        bool plural = false;
        reader.Read();
        Walk(ref reader, json, path, ref first, ref count, ref found, ref plural);
        return plural || count > 1 ? FieldValue.Of(count switch { 0 => [], 1 => [first], _ => [.. found!] }) : first;
    }

    /// <summary>The reader stands on the start of a value; leaves it on the value's end.</summary>
    private static void Walk(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json, ReadOnlySpan<byte> path,
        ref FieldValue first, ref int count, ref List<FieldValue>? found, ref bool plural)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            bool leaf = path.IsEmpty;
            plural |= leaf;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                Walk(ref reader, json, path, ref first, ref count, ref found, ref plural);
            }

            return;
        }

        if (path.IsEmpty)
        {
            Add(Value(ref reader, json), ref first, ref count, ref found);
            return;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            int used = Matches(ref reader, path);
            reader.Read();
            if (used < 0)
            {
                reader.Skip();
                continue;
            }

            Walk(ref reader, json, path[used..], ref first, ref count, ref found, ref plural);
        }
    }

    /// <summary>How many bytes of the path the current name uses up (with the dot); -1 when it is another name.</summary>
    private static int Matches(ref Utf8JsonReader reader, ReadOnlySpan<byte> path)
    {
        ReadOnlySpan<byte> name = reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan;
        if (name.IsEmpty || !path.StartsWith(name))
        {
            return -1;
        }

        return name.Length == path.Length ? name.Length : path[name.Length] == '.' && path.Length > name.Length + 1 ? name.Length + 1 : -1;
    }

    private static FieldValue Value(ref Utf8JsonReader reader, ReadOnlyMemory<byte> json)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return FieldValue.Of(reader.GetString());
            case JsonTokenType.Number:
                return FieldValue.OfNumber(Encoding.ASCII.GetString(reader.ValueSpan));
            case JsonTokenType.True or JsonTokenType.False:
                return FieldValue.Of((bool?)(reader.TokenType == JsonTokenType.True));
            case JsonTokenType.StartObject:
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                return FieldValue.OfJson(json[start..(int)reader.BytesConsumed]);
            default:
                return FieldValue.Null;
        }
    }

    private static void Add(FieldValue value, ref FieldValue first, ref int count, ref List<FieldValue>? found)
    {
        if (count == MaxValues)
        {
            return;
        }

        if (count++ == 0)
        {
            first = value;
            return;
        }

        found ??= [first];
        found.Add(value);
    }
}
