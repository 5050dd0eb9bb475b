using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Kinds.Syslog;

/// <summary>
/// What stands in the place of a document that is too long for one message: still one JSON object, with the fields by which it is found, the length and SHA-256 of the whole
/// document, as much of its beginning as fits, and the marks.
/// </summary>
internal static class CutDocument
{
    private const int MaxFieldLength = 120;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes it; <paramref name="room"/> is at least 1 kB.</summary>
    public static void Write(in OutgoingEvent value, ReadOnlySpan<byte> whole, RenderContext context, int room, IBufferWriter<byte> output)
    {
        string text = Encoding.UTF8.GetString(whole);
        string digest = Convert.ToHexStringLower(SHA256.HashData(whole));
        ArrayBufferWriter<byte> buffer = new(room);
        for (int taken = Math.Min(text.Length, room); ; taken = taken * 3 / 4)
        {
            buffer.ResetWrittenCount();
            if (taken > 0 && char.IsHighSurrogate(text[taken - 1]))
            {
                taken--;
            }

            Compose(value, whole.Length, digest, text.AsSpan(0, taken), context, buffer);
            if (buffer.WrittenCount <= room || taken == 0)
            {
                output.Write(buffer.WrittenSpan);
                return;
            }
        }
    }

    /// <summary>The same for a line of text: its beginning, its length and SHA-256.</summary>
    public static void WriteText(ReadOnlySpan<byte> whole, int room, IBufferWriter<byte> output)
    {
        byte[] end = Encoding.UTF8.GetBytes($"…[cut, {whole.Length} bytes sha256={Convert.ToHexStringLower(SHA256.HashData(whole))}]");
        int taken = room - end.Length;
        while ((whole[taken] & 0xC0) == 0x80)
        {
            taken--;
        }

        output.Write(whole[..taken]);
        output.Write(end);
    }

    private static void Compose(in OutgoingEvent value, int bytes, string digest, ReadOnlySpan<char> head, RenderContext context, IBufferWriter<byte> output)
    {
        CanonicalEvent canonical = value.Event!;
        using Utf8JsonWriter json = new(output, Plain);
        json.WriteStartObject();
        json.WriteString("id", canonical.Id);
        json.WriteString("ts", Timestamps.Format(canonical.TimeNs));
        json.WriteString("stream", canonical.Stream);
        json.WriteStartObject("actor");
        json.WriteString("id", Short(canonical.Actor.Id));
        json.WriteEndObject();
        json.WriteString("action", Short(canonical.Action));
        json.WriteString("result", canonical.Result);
        if (canonical.Target is not null)
        {
            json.WriteString("target", Short(canonical.Target));
        }

        json.WriteStartObject("cut");
        json.WriteNumber("bytes", bytes);
        json.WriteString("sha256", digest);
        json.WriteString("head", head);
        json.WriteEndObject();
        if (value.N >= 0)
        {
            json.WriteStartObject("muniment");
            json.WriteString("origin", context.Origin);
            json.WriteNumber("seq", value.Stored.Seq);
            if (!value.Leaf.IsEmpty)
            {
                json.WriteString("leaf", Convert.ToHexStringLower(value.Leaf.Span));
            }

            json.WriteString("destination", context.Config.Id);
            json.WriteNumber("epoch", value.Epoch);
            json.WriteNumber("n", value.N);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static string Short(string? text) => text is null ? "" : text.Length <= MaxFieldLength ? text : text[..(char.IsHighSurrogate(text[MaxFieldLength - 1]) ? MaxFieldLength - 1 : MaxFieldLength)];
}
