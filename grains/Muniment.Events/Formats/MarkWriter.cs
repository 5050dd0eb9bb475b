using System.Text.Json;

namespace Muniment.Events.Formats;

/// <summary>Writes marks into JSON.</summary>
public static class MarkWriter
{
    /// <summary>Writes an object <c>muniment</c>; nothing when there are no marks.</summary>
    public static void WriteNested(in EventMarks marks, Utf8JsonWriter json)
    {
        if (!marks.IsNone)
        {
            json.WriteStartObject("muniment"u8);
            WriteMembers(marks, json);
            json.WriteEndObject();
        }
    }

    /// <summary>Writes the members of that object; nothing when there are no marks.</summary>
    public static void WriteMembers(in EventMarks marks, Utf8JsonWriter json)
    {
        if (marks.Of is not { } destination)
        {
            return;
        }

        json.WriteString("origin"u8, destination.OriginJson);
        json.WriteString("destination"u8, destination.DestinationJson);
        json.WriteNumber("seq"u8, marks.Seq);
        WriteLeaf("leaf"u8, marks, json);
        json.WriteNumber("epoch"u8, marks.Epoch);
        json.WriteNumber("n"u8, marks.N);
    }

    /// <summary>Writes members with dotted names, <c>muniment.seq</c> and so on; nothing when there are no marks.</summary>
    public static void WriteDotted(in EventMarks marks, Utf8JsonWriter json)
    {
        if (marks.Of is not { } destination)
        {
            return;
        }

        json.WriteString("muniment.origin"u8, destination.OriginJson);
        json.WriteString("muniment.destination"u8, destination.DestinationJson);
        json.WriteNumber("muniment.seq"u8, marks.Seq);
        WriteLeaf("muniment.leaf"u8, marks, json);
        json.WriteNumber("muniment.epoch"u8, marks.Epoch);
        json.WriteNumber("muniment.n"u8, marks.N);
    }

    private static void WriteLeaf(ReadOnlySpan<byte> name, in EventMarks marks, Utf8JsonWriter json)
    {
        if (!marks.Leaf.IsEmpty)
        {
            Span<byte> hex = stackalloc byte[64];
            Convert.TryToHexStringLower(marks.Leaf.Span, hex, out int written);
            json.WriteString(name, hex[..written]);
        }
    }
}
