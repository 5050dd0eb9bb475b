using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Events.Canonical;

namespace Muniment.Delivery.Kinds.Loki;

/// <summary>One entry: <c>["nanoseconds","the event as text",{structured metadata}]</c>. Ids and numbers are metadata, never labels, so the number of streams stays one.</summary>
internal sealed class LokiRenderer(RenderContext context) : IEventRenderer
{
    /// <summary>
    /// Loki refuses what is more than an hour behind the newest entry of a stream. The log is in order of arrival, so an event that came later than this after its own time is
    /// stored at its arrival; its own time is in the line.
    /// </summary>
    internal static readonly TimeSpan LatestOwnTime = TimeSpan.FromMinutes(50);

    private readonly EventDocument _document = new(context);
    private readonly BatchBuffer _line = new();
    private Utf8JsonWriter? _json;

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        _line.Truncate(0);
        _document.Write(value, _line);
        _json ??= new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        _json.Reset(output);
        _json.WriteStartArray();
        _json.WriteStringValue(TimeOf(value.Event!).ToString(CultureInfo.InvariantCulture));
        _json.WriteStringValue(_line.Written.Span);
        _json.WriteStartObject();
        _json.WriteString("event_id"u8, value.Id);
        _json.WriteString("level"u8, EventLevel.Of(value.Event!));
        if (value.Event!.Trace?.TraceId is { } trace)
        {
            _json.WriteString("trace_id"u8, trace);
        }

        if (value.N >= 0)
        {
            Number("muniment_seq", value.Stored.Seq);
            Number("muniment_epoch", value.Epoch);
            Number("muniment_n", value.N);
        }

        _json.WriteEndObject();
        _json.WriteEndArray();
        _json.Flush();
        output.Write(","u8);
        return 0;
    }

    internal static long TimeOf(CanonicalEvent value)
    {
        double lateMs = (value.ReceivedNs - value.TimeNs) / 1e6;
        return Math.Max(0, lateMs >= 0 && lateMs <= LatestOwnTime.TotalMilliseconds ? value.TimeNs : value.ReceivedNs);
    }

    private void Number(string name, long value) => _json!.WriteString(name, value.ToString(CultureInfo.InvariantCulture));
}
