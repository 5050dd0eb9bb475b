using System.Collections.Immutable;
using System.Text.Json;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Deciding;

/// <summary>The texts themselves, under a name that roles without sight of contents see masked; cut at a size, and said to be.</summary>
internal static class DecisionEvidence
{
    /// <summary>Most bytes of evidence in one event, as JSON. An event has at most 1 MiB.</summary>
    public const int MaxSizeBytes = 256 * 1024;

    /// <summary>Writes <c>evidence</c>.</summary>
    public static void Write(Utf8JsonWriter json, ImmutableArray<InspectedText> texts)
    {
        int left = MaxSizeBytes;
        bool cut = false;
        json.WriteStartObject("evidence"u8);
        json.WriteStartArray("content"u8);
        foreach (InspectedText text in texts)
        {
            string pointer = RecordPointer.Of(text.Pointer);
            left -= Escaped(pointer, pointer.Length, out _) + 64;
            Escaped(text.Text, Math.Max(0, left), out int take);
            cut |= take < text.Text.Length;
            if (left <= 0)
            {
                break;
            }

            take = take > 0 && take < text.Text.Length && char.IsHighSurrogate(text.Text[take - 1]) ? take - 1 : take;
            json.WriteStartObject();
            json.WriteString("pointer"u8, pointer);
            json.WriteString("role"u8, text.Role);
            json.WriteString("text"u8, text.Text.AsSpan(0, take));
            json.WriteEndObject();
            left -= Escaped(text.Text, left, out _);
        }

        json.WriteEndArray();
        if (cut || left <= 0)
        {
            json.WriteBoolean("cut"u8, true);
        }

        json.WriteEndObject();
    }

    // At most how many bytes a text takes in JSON, up to a limit, and how many of its characters that are.
    private static int Escaped(string text, int most, out int chars)
    {
        int size = 0;
        for (chars = 0; chars < text.Length; chars++)
        {
            char c = text[chars];
            int one = c < ' ' || c == '\u007f' ? 6 : c is '"' or '\\' ? 2 : c < '\u0080' ? 1 : 6;
            if (size + one > most)
            {
                break;
            }

            size += one;
        }

        return size;
    }
}
