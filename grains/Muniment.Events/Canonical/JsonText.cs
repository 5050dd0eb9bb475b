using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Muniment.Events.Canonical;

/// <summary>Small helpers over JSON text.</summary>
public static class JsonText
{
    /// <summary>How every writer of the platform writes JSON: compact, only what must be escaped is.</summary>
    public static JsonWriterOptions Compact { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The same JSON without line feeds, carriage returns and tabs, which can only be blanks between tokens. No copy when there are none.</summary>
    public static ReadOnlyMemory<byte> OneLine(ReadOnlyMemory<byte> json)
    {
        ReadOnlySpan<byte> blanks = "\n\r\t"u8;
        if (!json.Span.ContainsAny(blanks))
        {
            return json;
        }

        byte[] copy = new byte[json.Length];
        int length = 0;
        foreach (byte c in json.Span)
        {
            if (c is not ((byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                copy[length++] = c;
            }
        }

        return copy.AsMemory(0, length);
    }

    /// <summary>Appends members (JSON without braces) to an object; gives a new object. Either may be empty.</summary>
    public static ReadOnlyMemory<byte> Append(ReadOnlyMemory<byte> jsonObject, ReadOnlySpan<byte> members)
    {
        if (members.IsEmpty)
        {
            return jsonObject;
        }

        ReadOnlySpan<byte> inner = jsonObject.IsEmpty ? default : jsonObject.Span[1..^1].Trim((byte)' ');
        var output = new ArrayBufferWriter<byte>(inner.Length + members.Length + 3);
        output.Write("{"u8);
        output.Write(inner);
        output.Write(inner.IsEmpty ? default : ","u8);
        output.Write(members);
        output.Write("}"u8);
        return output.WrittenMemory;
    }
}
