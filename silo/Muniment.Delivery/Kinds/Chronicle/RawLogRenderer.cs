using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Events;

namespace Muniment.Delivery.Kinds.Chronicle;

/// <summary>One element of <c>logs</c>: the event in its format as base64, both times, and the id and numbers as labels, so that the platform's search finds them without a parser.</summary>
internal sealed class RawLogRenderer(RenderContext context) : IEventRenderer
{
    private readonly EventDocument _document = new(context);
    private readonly BatchBuffer _data = new();
    private Utf8JsonWriter? _json;

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        _data.Truncate(0);
        _document.Write(value, _data);
        _json ??= new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteBase64String("data"u8, _data.Written.Span);
        _json.WriteString("logEntryTime"u8, Timestamps.Format(value.Event!.TimeNs));
        _json.WriteString("collectionTime"u8, Timestamps.Format(value.Event.ReceivedNs));
        _json.WriteStartObject("labels"u8);
        Label("event_id", value.Id);
        if (value.N >= 0)
        {
            Label("muniment_seq", value.Stored.Seq.ToString(CultureInfo.InvariantCulture));
            Label("muniment_destination", context.Config.Id);
            Label("muniment_epoch", value.Epoch.ToString(CultureInfo.InvariantCulture));
            Label("muniment_n", value.N.ToString(CultureInfo.InvariantCulture));
        }

        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.Flush();
        output.Write(","u8);
        return 0;
    }

    private void Label(string name, string value)
    {
        _json!.WriteStartObject(name);
        _json.WriteString("value"u8, value);
        _json.WriteEndObject();
    }
}
