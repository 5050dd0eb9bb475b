using System.Buffers;
using System.Text.Json;
using Muniment.Events.Canonical;

namespace Muniment.Gateway.Ingest.Opa;

/// <summary>
/// One entry of OPA's decision log (EventV1 of <c>v1/plugins/logs</c>) as a canonical event. The same entry gives the same bytes, so that what OPA sends again is known by its
/// <c>decision_id</c>. The whole entry is kept in <c>details.opa</c>.
/// </summary>
internal static class OpaEvent
{
    /// <summary>Longest text that is taken for a name.</summary>
    public const int MaxNameLength = 256;

    /// <summary>The event's JSON; null when it cannot be one (larger or deeper than an event may be).</summary>
    /// <param name="entry">OPA's entry.</param>
    /// <param name="receivedNs">Now, Unix ns.</param>
    public static ReadOnlyMemory<byte>? Map(JsonElement entry, long receivedNs)
    {
        // An entry whose id or time is none is kept all the same, with everything in details.
        ReadOnlyMemory<byte> json = Write(entry);
        if (!CanonicalJsonReader.Parse(json, receivedNs).IsOk)
        {
            json = WriteBare(entry);
        }

        return CanonicalJsonReader.Parse(json, receivedNs).IsOk ? json : null;
    }

    private static ReadOnlyMemory<byte> WriteBare(JsonElement entry)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(output, JsonText.Compact))
        {
            json.WriteStartObject();
            json.WriteString("actor"u8, "service:opa"u8);
            json.WriteString("action"u8, "policy.evaluate"u8);
            json.WriteString("result"u8, Result(entry).Result);
            json.WriteStartObject("details"u8);
            json.WritePropertyName("opa"u8);
            entry.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    private static ReadOnlyMemory<byte> Write(JsonElement entry)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(output, JsonText.Compact))
        {
            json.WriteStartObject();
            Text(json, "id"u8, Name(entry, "decision_id"));
            Text(json, "ts"u8, Name(entry, "timestamp"));
            Actor(json, entry);
            json.WriteString("action"u8, "policy.evaluate"u8);
            Text(json, "target"u8, Name(entry, "path") ?? Name(entry, "query"));
            Policy(json, entry);
            Trace(json, entry);
            (string result, string? reason) = Result(entry);
            json.WriteString("result"u8, result);
            Text(json, "reason"u8, reason);
            json.WriteStartObject("details"u8);
            json.WritePropertyName("opa"u8);
            entry.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    // Who asked OPA, as far as the input says it under the usual names; else the instance that answered.
    private static void Actor(Utf8JsonWriter json, JsonElement entry)
    {
        string? user = null;
        if (entry.TryGetProperty("input"u8, out JsonElement input) && input.ValueKind is JsonValueKind.Object)
        {
            user = Name(input, "user") ?? Name(input, "subject") ?? Name(input, "principal");
        }

        json.WriteStartObject("actor"u8);
        json.WriteString("id"u8, user ?? (entry.TryGetProperty("labels"u8, out JsonElement labels) && labels.ValueKind is JsonValueKind.Object ? Name(labels, "id") : null) ?? "opa");
        json.WriteString("type"u8, user is null ? "service"u8 : "user"u8);
        json.WriteEndObject();
    }

    private static void Policy(Utf8JsonWriter json, JsonElement entry)
    {
        json.WriteStartObject("policy"u8);
        Text(json, "id"u8, Name(entry, "path"));
        if (entry.TryGetProperty("bundles"u8, out JsonElement bundles) && bundles.ValueKind is JsonValueKind.Object
            && bundles.EnumerateObject().FirstOrDefault() is { Value.ValueKind: JsonValueKind.Object } bundle && Name(bundle.Value, "revision") is { } revision)
        {
            json.WriteString("digest"u8, "revision:" + revision);
        }
        else
        {
            Text(json, "digest"u8, Name(entry, "revision") is { } old ? "revision:" + old : null);
        }

        json.WriteEndObject();
    }

    private static void Trace(Utf8JsonWriter json, JsonElement entry)
    {
        string? trace = Name(entry, "trace_id"), span = Name(entry, "span_id");
        if (trace is { Length: 32 } && trace.All(char.IsAsciiHexDigitLower))
        {
            json.WriteStartObject("trace"u8);
            json.WriteString("trace_id"u8, trace);
            Text(json, "span_id"u8, span is { Length: 16 } && span.All(char.IsAsciiHexDigitLower) ? span : null);
            json.WriteEndObject();
        }
    }

    private static (string Result, string? Reason) Result(JsonElement entry)
    {
        if (entry.TryGetProperty("error"u8, out JsonElement error) && error.ValueKind is JsonValueKind.Object)
        {
            return ("error", Name(error, "message") ?? Name(error, "code"));
        }

        if (!entry.TryGetProperty("result"u8, out JsonElement result))
        {
            return ("info", "undefined");
        }

        JsonElement allow = result;
        if (result.ValueKind is JsonValueKind.Object && !result.TryGetProperty("allow"u8, out allow))
        {
            result.TryGetProperty("allowed"u8, out allow);
        }

        string? reason = result.ValueKind is JsonValueKind.Object ? Name(result, "reason") : null;
        return allow.ValueKind switch { JsonValueKind.True => ("allowed", reason), JsonValueKind.False => ("denied", reason), _ => ("info", reason) };
    }

    private static string? Name(JsonElement entry, string name)
    {
        if (!entry.TryGetProperty(name, out JsonElement value) || value.ValueKind is not JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return value.GetString() is { Length: > 0 and <= MaxNameLength } text ? text : null;
        }
        catch (InvalidOperationException)
        {
            return null; // half a surrogate pair; it stays in details
        }
    }

    private static void Text(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
