using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Query.Endpoints;

/// <summary>Answers of one JSON document.</summary>
internal static class JsonAnswer
{
    /// <summary>Writes a document and sends it with status 200. It holds what one key may see, so nobody in between keeps it.</summary>
    public static Task SendAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(16 * 1024);
        using (var writer = new Utf8JsonWriter(output, JsonText.Compact))
        {
            write(writer);
        }

        context.Response.Headers.CacheControl = "no-store";
        return RefusalWriter.SendAsync(context, StatusCodes.Status200OK, "application/json", output.WrittenMemory);
    }

    /// <summary>Writes a text member or null.</summary>
    public static void TextOrNull(this Utf8JsonWriter writer, string name, string? value)
    {
        if (value is null)
        {
            writer.WriteNull(name);
        }
        else
        {
            writer.WriteString(name, value);
        }
    }

    /// <summary>Writes an event in one of the two JSON forms.</summary>
    public static void Event(this Utf8JsonWriter writer, CanonicalEvent e, bool flat)
    {
        if (flat)
        {
            CanonicalJsonWriter.WriteFlat(e, writer);
        }
        else
        {
            CanonicalJsonWriter.Write(e, writer);
        }
    }
}
