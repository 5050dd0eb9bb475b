using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Muniment.Events;
using Muniment.Events.Canonical;

namespace Muniment.Gateway.Ingest.Hec;

/// <summary>
/// Makes canonical events out of what HEC clients send. An <c>event</c> that is a canonical event already stays one; anything else becomes a log record of the
/// host or source that it names. Host, source, sourcetype and index hold for the following events of the request, as Splunk has it. Nothing is lost: what has
/// no canonical field is under <c>details.hec</c> and <c>details.event</c>.
/// </summary>
internal sealed class HecEvents(int maxEvents, long receivedNs)
{
    private static readonly JsonReaderOptions Options = new() { AllowMultipleValues = true, MaxDepth = EventLimits.MaxDepth };

    private readonly List<ReadOnlyMemory<byte>> _events = [];

    /// <summary>The canonical events made so far.</summary>
    public List<ReadOnlyMemory<byte>> Events => _events;

    /// <summary>Reads the concatenated objects of <c>/event</c>. Null, or Splunk's answer to what is wrong.</summary>
    public HecAnswer? AddObjects(ReadOnlyMemory<byte> body, HecMetadata metadata)
    {
        if (!Utf8.IsValid(body.Span))
        {
            return HecAnswer.InvalidFormat(0, "the body is not valid UTF-8");
        }

        var reader = new Utf8JsonReader(body.Span, Options);
        try
        {
            while (reader.Read())
            {
                int index = _events.Count;
                if (index == maxEvents)
                {
                    return new HecAnswer(413, 6, $"Invalid data format: more than {maxEvents} events in one request", index);
                }

                if (reader.TokenType is not JsonTokenType.StartObject)
                {
                    return HecAnswer.InvalidFormat(index, "expected an object for each event");
                }

                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                using JsonDocument document = JsonDocument.Parse(body[start..(int)reader.BytesConsumed], new JsonDocumentOptions { MaxDepth = EventLimits.MaxDepth, AllowDuplicateProperties = false });
                if (AddObject(document.RootElement, metadata, index) is { } wrong)
                {
                    return wrong;
                }
            }
        }
        catch (JsonException)
        {
            return HecAnswer.InvalidFormat(_events.Count, "the JSON is not well formed or repeats a name");
        }
        catch (InvalidOperationException)
        {
            // System.Text.Json finds half a surrogate pair only when a text is decoded.
            return HecAnswer.InvalidFormat(_events.Count, "a text holds half a surrogate pair");
        }

        return _events.Count == 0 ? HecAnswer.NoData : null;
    }

    /// <summary>Reads the lines of <c>/raw</c>.</summary>
    /// <param name="body">The lines.</param>
    /// <param name="metadata">Where they are from.</param>
    /// <param name="seconds">The parameter <c>time</c>, epoch seconds, of all of them; null or empty for none.</param>
    public HecAnswer? AddLines(ReadOnlyMemory<byte> body, HecMetadata metadata, string? seconds)
    {
        if (!Utf8.IsValid(body.Span))
        {
            return HecAnswer.InvalidFormat(0, "the body is not valid UTF-8");
        }

        string? time = null;
        if (!string.IsNullOrEmpty(seconds) && !TryReadTime(seconds, out time))
        {
            return HecAnswer.InvalidFormat(0, "time: expected epoch seconds");
        }

        while (!body.IsEmpty)
        {
            int end = body.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> line = end < 0 ? body : body[..end];
            body = end < 0 ? default : body[(end + 1)..];
            line = line.Span.EndsWith("\r"u8) ? line[..^1] : line;
            if (line.Span.Trim((byte)' ').IsEmpty)
            {
                continue;
            }

            int index = _events.Count;
            if (index == maxEvents)
            {
                return new HecAnswer(413, 6, $"Invalid data format: more than {maxEvents} events in one request", index);
            }

            string text = Encoding.UTF8.GetString(line.Span);
            if (Add(Write(time, metadata, json => json.WriteStringValue(text), default), index) is { } wrong)
            {
                return wrong;
            }
        }

        return _events.Count == 0 ? HecAnswer.NoData : null;
    }

    private HecAnswer? AddObject(JsonElement envelope, HecMetadata metadata, int index)
    {
        metadata.Take(envelope);
        if (!envelope.TryGetProperty("event"u8, out JsonElement payload) || payload.ValueKind is JsonValueKind.Null)
        {
            return HecAnswer.EventRequired(index);
        }

        if (payload.ValueKind is JsonValueKind.String && payload.GetString()!.Length == 0)
        {
            return HecAnswer.EventBlank(index);
        }

        if (envelope.TryGetProperty("fields"u8, out JsonElement fields) && !IsFlat(fields))
        {
            return HecAnswer.IndexedFields(index);
        }

        if (!TryReadTime(envelope, out string? time))
        {
            return HecAnswer.InvalidFormat(index, "time: expected epoch seconds");
        }

        if (IsCanonical(payload))
        {
            return Add(Splice(payload, time, metadata, fields), index);
        }

        return Add(Write(time, metadata, payload.WriteTo, fields), index);
    }

    private HecAnswer? Add(ReadOnlyMemory<byte> json, int index)
    {
        ParsedEvent parsed = CanonicalJsonReader.Parse(json, receivedNs);
        if (!parsed.IsOk)
        {
            return parsed.Status is ParseStatus.Forbidden
                ? new HecAnswer(403, 6, "Invalid data format: " + parsed.Reason, index)
                : HecAnswer.InvalidFormat(index, parsed.Reason);
        }

        _events.Add(json);
        return null;
    }

    private static bool IsCanonical(JsonElement payload) =>
        payload.ValueKind is JsonValueKind.Object
        && payload.TryGetProperty("actor"u8, out _) && payload.TryGetProperty("action"u8, out _) && payload.TryGetProperty("result"u8, out _);

    private static ReadOnlyMemory<byte> Splice(JsonElement payload, string? time, HecMetadata metadata, JsonElement fields)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            foreach (JsonProperty member in payload.EnumerateObject())
            {
                member.WriteTo(json);
            }

            if (time is not null && !payload.TryGetProperty("ts"u8, out _))
            {
                json.WriteString("ts"u8, time);
            }

            if (!payload.TryGetProperty("hec"u8, out _))
            {
                metadata.Write(json, fields);
            }

            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Write(string? time, HecMetadata metadata, Action<Utf8JsonWriter> payload, JsonElement fields)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            if (time is not null)
            {
                json.WriteString("ts"u8, time);
            }

            json.WriteStartObject("actor"u8);
            json.WriteString("id"u8, metadata.Actor);
            json.WriteString("type"u8, "service"u8);
            json.WriteEndObject();
            json.WriteString("action"u8, "log.record"u8);
            json.WriteString("result"u8, "info"u8);
            json.WriteStartObject("details"u8);
            json.WritePropertyName("event"u8);
            payload(json);
            metadata.Write(json, fields);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static bool IsFlat(JsonElement fields) =>
        fields.ValueKind is JsonValueKind.Object
        && fields.EnumerateObject().All(field => field.Value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)
            || (field.Value.ValueKind is JsonValueKind.Array && field.Value.EnumerateArray().All(item => item.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))));

    private static bool TryReadTime(JsonElement envelope, out string? time)
    {
        time = null;
        if (!envelope.TryGetProperty("time"u8, out JsonElement value) || value.ValueKind is JsonValueKind.Null)
        {
            return true;
        }

        return TryReadTime(value.ValueKind switch { JsonValueKind.Number => value.GetRawText(), JsonValueKind.String => value.GetString(), _ => null }, out time);
    }

    private static bool TryReadTime(string? text, out string? time)
    {
        time = null;
        const decimal LastSecond = 9_223_372_036m;
        if (!decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal seconds) || seconds < 0)
        {
            return false;
        }

        // Many senders write milliseconds, some micro- or nanoseconds. The ranges from 1973 to 2262 do not meet, so the size says which it is.
        seconds = seconds switch
        {
            < 100_000_000_000m => seconds,
            < 100_000_000_000_000m => seconds / 1_000m,
            < 100_000_000_000_000_000m => seconds / 1_000_000m,
            _ => seconds / 1_000_000_000m,
        };
        if (seconds > LastSecond)
        {
            return false;
        }

        time = Timestamps.Format((long)(seconds * 1_000_000_000m));
        return true;
    }
}
