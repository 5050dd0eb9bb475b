using System.Buffers;
using System.Text.Json;

namespace Muniment.Events.Canonical;

/// <summary>
/// <see cref="Envelope"/> as compact JSON. The bytes lie under the leaf, so writing is deterministic: members in a fixed order, absent ones left out, cut
/// attributes sorted by name.
/// </summary>
public static class EnvelopeCodec
{
    /// <summary>Writes the one encoding of an envelope.</summary>
    public static byte[] Write(Envelope envelope)
    {
        var output = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(output, JsonText.Compact))
        {
            writer.WriteStartObject();
            Text(writer, "stream"u8, envelope.Stream);
            Text(writer, "key"u8, envelope.Key);
            Text(writer, "receiver"u8, envelope.Receiver);
            Text(writer, "address"u8, envelope.Address);
            Text(writer, "dialect"u8, envelope.Dialect);
            writer.WriteNumber("mapper"u8, envelope.Mapper);
            if (envelope.Verified.Count > 0)
            {
                writer.WriteStartArray("verified"u8);
                foreach (string field in envelope.Verified)
                {
                    writer.WriteStringValue(field);
                }

                writer.WriteEndArray();
            }

            Text(writer, "user"u8, envelope.User);
            Text(writer, "project"u8, envelope.Project);
            if (envelope.Cut is { Count: > 0 })
            {
                writer.WriteStartObject("cut"u8);
                foreach ((string name, int count) in envelope.Cut.OrderBy(c => c.Key, StringComparer.Ordinal))
                {
                    writer.WriteNumber(name, count);
                }

                writer.WriteEndObject();
            }

            if (envelope.Set is { Count: > 0 })
            {
                writer.WriteStartObject("set"u8);
                foreach ((string name, string value) in envelope.Set.OrderBy(s => s.Key, StringComparer.Ordinal))
                {
                    writer.WriteString(name, value);
                }

                writer.WriteEndObject();
            }

            Flag(writer, "id_conflict"u8, envelope.IdConflict);
            Flag(writer, "imported"u8, envelope.Imported);
            writer.WriteEndObject();
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote, also by newer versions: unknown members are passed over.</summary>
    /// <exception cref="InvalidDataException">The bytes are no envelope.</exception>
    public static Envelope Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return ReadObject(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException("the entry's envelope is no JSON of an envelope", e);
        }
    }

    private static Envelope ReadObject(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        string? stream = null, key = null, receiver = null, address = null, dialect = null, user = null, project = null;
        int mapper = 1;
        List<string>? verified = null;
        Dictionary<string, int>? cut = null;
        Dictionary<string, string>? set = null;
        bool idConflict = false, imported = false;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("stream"u8)) { stream = Shared(ref reader); }
            else if (reader.ValueTextEquals("key"u8)) { key = Next(ref reader); }
            else if (reader.ValueTextEquals("receiver"u8)) { receiver = Next(ref reader); }
            else if (reader.ValueTextEquals("address"u8)) { address = Next(ref reader); }
            else if (reader.ValueTextEquals("dialect"u8)) { dialect = Next(ref reader); }
            else if (reader.ValueTextEquals("mapper"u8)) { reader.Read(); mapper = reader.GetInt32(); }
            else if (reader.ValueTextEquals("verified"u8)) { verified = Names(ref reader); }
            else if (reader.ValueTextEquals("user"u8)) { user = Next(ref reader); }
            else if (reader.ValueTextEquals("project"u8)) { project = Next(ref reader); }
            else if (reader.ValueTextEquals("cut"u8)) { cut = Counts(ref reader); }
            else if (reader.ValueTextEquals("set"u8)) { set = Texts(ref reader); }
            else if (reader.ValueTextEquals("id_conflict"u8)) { reader.Read(); idConflict = reader.GetBoolean(); }
            else if (reader.ValueTextEquals("imported"u8)) { reader.Read(); imported = reader.GetBoolean(); }
            else { reader.Skip(); }
        }

        return new Envelope
        {
            Stream = stream, Key = key, Receiver = receiver ?? throw new InvalidDataException("the entry's envelope names no receiver"), Address = address,
            Dialect = dialect, Mapper = mapper, Verified = verified ?? [], User = user, Project = project, Cut = cut, Set = set, IdConflict = idConflict, Imported = imported,
        };
    }

    private static void Text(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    private static void Flag(Utf8JsonWriter writer, ReadOnlySpan<byte> name, bool value)
    {
        if (value)
        {
            writer.WriteBoolean(name, true);
        }
    }

    private static string? Next(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString();
    }

    private static string? Shared(ref Utf8JsonReader reader)
    {
        reader.Read();
        return Vocabulary.Streams.Find(reader.ValueSpan) ?? reader.GetString();
    }

    private static List<string> Names(ref Utf8JsonReader reader)
    {
        var names = new List<string>();
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.String)
        {
            names.Add(reader.GetString()!);
        }

        return names;
    }

    private static Dictionary<string, string> Texts(ref Utf8JsonReader reader)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            texts[name] = reader.GetString()!;
        }

        return texts;
    }

    private static Dictionary<string, int> Counts(ref Utf8JsonReader reader)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            counts[name] = reader.GetInt32();
        }

        return counts;
    }
}
