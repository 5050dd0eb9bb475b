using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Kinds.NewRelic;

/// <summary>
/// One log. The message is a sentence, a line feed and the event as JSON: a message that is JSON alone would be taken apart into attributes, of which New Relic keeps 255. What
/// queries ask for most, and the marks, are attributes.
/// </summary>
internal sealed class NewRelicRenderer(RenderContext context) : IEventRenderer
{
    /// <summary>Longest text that stays an attribute; a longer one is only in the message.</summary>
    internal const int MaxAttributeLength = 4094;

    private readonly EventDocument _document = new(context);
    private readonly BatchBuffer _message = new();
    private readonly ArrayBufferWriter<byte> _members = new();
    private Utf8JsonWriter? _json;

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        CanonicalEvent read = value.Event!;
        _message.Truncate(0);
        Encoding.UTF8.GetBytes(EventSentence.Of(read).ReplaceLineEndings(" "), _message);
        _message.Write("\n"u8);
        _document.Write(value, _message);
        TimeWindow.Open(read.TimeNs, output);
        _members.ResetWrittenCount();
        _json ??= new Utf8JsonWriter(_members, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        _json.Reset(_members);
        _json.WriteStartObject();
        _json.WriteString("message"u8, _message.Written.Span);
        _json.WriteStartObject("attributes"u8);
        WriteAttributes(value, read);
        _json.WriteEndObject();
        _json.WriteEndObject();
        _json.Flush();
        output.Write(_members.WrittenSpan[1..]); // its opening brace came with the time
        output.Write(","u8);
        return 0;
    }

    private void WriteAttributes(in OutgoingEvent value, CanonicalEvent read)
    {
        Text("event_id", value.Id);
        Text("event_time", Timestamps.Format(read.TimeNs));
        Text("level", EventLevel.Of(read));
        Text("stream", read.Stream);
        Text("action", read.Action);
        Text("actor", read.Actor.Id);
        Text("user", read.Actor.User);
        Text("target", read.Target);
        Text("result", read.Result);
        Text("risk", read.Risk);
        Text("trace.id", read.Trace?.TraceId);
        Text("session", read.Trace?.Session);
        if (value.N >= 0)
        {
            Text("muniment.origin", context.Origin);
            Text("muniment.destination", context.Config.Id);
            Text("muniment.leaf", value.Leaf.IsEmpty ? null : Convert.ToHexStringLower(value.Leaf.Span));
            _json!.WriteNumber("muniment.seq"u8, value.Stored.Seq);
            _json.WriteNumber("muniment.epoch"u8, value.Epoch);
            _json.WriteNumber("muniment.n"u8, value.N);
        }
    }

    private void Text(string name, string? value)
    {
        if (value is { Length: > 0 and <= MaxAttributeLength })
        {
            _json!.WriteString(name, value);
        }
    }
}
