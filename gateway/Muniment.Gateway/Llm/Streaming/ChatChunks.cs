using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muniment.Gateway.Llm.Json;
using Muniment.Gateway.Llm.Sse;

namespace Muniment.Gateway.Llm.Streaming;

/// <summary>Writes chunks of ours into a stream of chat: what was held back when a choice ends, and the error that ends a stream. They carry the stream's own id, time and model. One stream an instance.</summary>
internal sealed class ChatChunks
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private byte[] _id = "\"\""u8.ToArray();
    private byte[] _created = "0"u8.ToArray();
    private byte[] _model = "\"\""u8.ToArray();
    private byte[] _object = "\"chat.completion.chunk\""u8.ToArray();

    /// <summary>Remembers what every chunk of the stream repeats.</summary>
    public void Begin(JsonTape first)
    {
        _id = Keep(first, "id"u8, _id);
        _created = Keep(first, "created"u8, _created);
        _model = Keep(first, "model"u8, _model);
        _object = Keep(first, "object"u8, _object);
    }

    /// <summary>Writes a piece of a choice's text.</summary>
    /// <param name="output">Takes the frame.</param>
    /// <param name="choice">Index of the choice.</param>
    /// <param name="name"><c>text</c>, or the path of the text in the delta.</param>
    /// <param name="text">The piece.</param>
    public void WriteText(IBufferWriter<byte> output, long choice, string name, string text) => WriteChunk(output, choice, json =>
    {
        if (name is "text")
        {
            json.WriteString("text"u8, text);
            return;
        }

        json.WriteStartObject("delta"u8);
        WriteAt(json, name.Split('/'), text);
        json.WriteEndObject();
    });

    /// <summary>Writes the arguments of a tool call in one piece.</summary>
    public void WriteArguments(IBufferWriter<byte> output, long choice, HeldText held, string arguments) => WriteChunk(output, choice, json =>
    {
        json.WriteStartObject("delta"u8);
        if (held.Index < 0)
        {
            json.WriteStartObject("function_call"u8);
            json.WriteString(held.Member, arguments);
            json.WriteEndObject();
        }
        else
        {
            json.WriteStartArray("tool_calls"u8);
            json.WriteStartObject();
            json.WriteNumber("index"u8, held.Index);
            json.WriteStartObject(held.Member is "input" ? "custom"u8 : "function"u8);
            json.WriteString(held.Member, arguments);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    });

    /// <summary>Writes an error, on which the SDKs throw.</summary>
    public static void WriteError(IBufferWriter<byte> output, StreamError error)
    {
        SseWriter.Begin(output, default);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteStartObject("error"u8);
            json.WriteString("message"u8, error.Message);
            json.WriteString("type"u8, error.OpenAiType);
            json.WriteNull("param"u8);
            json.WriteString("code"u8, error.OpenAiCode);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        SseWriter.End(output);
    }

    // One step of the path a call; a number is the place in an array.
    private static void WriteAt(Utf8JsonWriter json, ReadOnlySpan<string> path, string text)
    {
        json.WritePropertyName(path[0].Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
        if (path.Length == 1)
        {
            json.WriteStringValue(text);
            return;
        }

        bool inArray = int.TryParse(path[1], NumberStyles.None, CultureInfo.InvariantCulture, out _);
        if (inArray)
        {
            json.WriteStartArray();
        }

        if (inArray && path.Length == 2)
        {
            json.WriteStringValue(text);
        }
        else
        {
            json.WriteStartObject();
            WriteAt(json, path[(inArray ? 2 : 1)..], text);
            json.WriteEndObject();
        }

        if (inArray)
        {
            json.WriteEndArray();
        }
    }

    private static byte[] Keep(JsonTape tape, ReadOnlySpan<byte> name, byte[] absent) => tape.Member(0, name) is >= 0 and int node ? tape.Raw(node).ToArray() : absent;

    private void WriteChunk(IBufferWriter<byte> output, long choice, Action<Utf8JsonWriter> delta)
    {
        SseWriter.Begin(output, default);
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WritePropertyName("id"u8);
            json.WriteRawValue(_id, skipInputValidation: true);
            json.WritePropertyName("object"u8);
            json.WriteRawValue(_object, skipInputValidation: true);
            json.WritePropertyName("created"u8);
            json.WriteRawValue(_created, skipInputValidation: true);
            json.WritePropertyName("model"u8);
            json.WriteRawValue(_model, skipInputValidation: true);
            json.WriteStartArray("choices"u8);
            json.WriteStartObject();
            json.WriteNumber("index"u8, choice);
            delta(json);
            json.WriteNull("finish_reason"u8);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        SseWriter.End(output);
    }
}
