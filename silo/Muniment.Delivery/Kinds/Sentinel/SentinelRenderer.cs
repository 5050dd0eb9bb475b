using System.Buffers;
using System.Text.Json;
using System.Text.Encodings.Web;
using Muniment.Delivery.Batches;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Kinds.Sentinel;

/// <summary>
/// One row: <c>TimeGenerated</c>, the columns that queries ask for most, and the whole event with its marks in the dynamic column <c>Event</c>. Format <c>asim</c> has columns of its
/// own. <c>id</c>, <c>Type</c> and some others are reserved in a workspace, so no canonical member is a column under its own name.
/// </summary>
internal sealed class SentinelRenderer(RenderContext context) : IEventRenderer
{
    private readonly EventDocument _document = new(context);
    private readonly ArrayBufferWriter<byte> _text = new();
    private Utf8JsonWriter? _json;

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        if (context.Config.Format == "asim")
        {
            _document.Write(value, output);
            output.Write(","u8);
            return 0;
        }

        _text.ResetWrittenCount();
        _json ??= new Utf8JsonWriter(_text, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        _json.Reset(_text);
        WriteColumns(value.Event!, _json);
        _json.Flush();
        output.Write(_text.WrittenSpan[..^1]); // its closing brace comes after the event
        output.Write(",\"Event\":"u8);
        _document.Write(value, output);
        output.Write("},"u8);
        return 0;
    }

    private static void WriteColumns(CanonicalEvent value, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("TimeGenerated"u8, SentinelTime.Format(value.TimeNs));
        json.WriteString("EventTime"u8, Timestamps.Format(value.TimeNs));
        Text(json, "EventId"u8, value.Id);
        Text(json, "EventStream"u8, value.Stream);
        Text(json, "Action"u8, value.Action);
        Text(json, "Actor"u8, value.Actor.Id);
        Text(json, "ActorType"u8, value.Actor.Type);
        Text(json, "ActorUser"u8, value.Actor.User);
        Text(json, "Target"u8, value.Target);
        Text(json, "Result"u8, value.Result);
        Text(json, "Reason"u8, value.Reason);
        Text(json, "Risk"u8, value.Risk);
        Text(json, "Session"u8, value.Trace?.Session);
        Text(json, "Correlation"u8, value.Trace?.Correlation);
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
