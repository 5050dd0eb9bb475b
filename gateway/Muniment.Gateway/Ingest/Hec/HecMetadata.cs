using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Muniment.Gateway.Ingest.Hec;

/// <summary>Where an event says it is from. Owned by one request: a value holds until an event of the same request names another.</summary>
internal sealed class HecMetadata
{
    private const int MaxLength = 1024;

    private string? _host;
    private string? _source;
    private string? _sourceType;
    private string? _index;
    private JsonElement _envelope;

    /// <summary>The actor of events that name none.</summary>
    public string Actor => _host is { Length: > 0 } ? _host : _source is { Length: > 0 } ? _source : "hec";

    /// <summary>From the query string of <c>/raw</c>.</summary>
    public static HecMetadata From(IQueryCollection query) => new()
    {
        _host = Cut(query["host"]),
        _source = Cut(query["source"]),
        _sourceType = Cut(query["sourcetype"]),
        _index = Cut(query["index"]),
    };

    /// <summary>Takes what an event names.</summary>
    public void Take(JsonElement envelope)
    {
        _envelope = envelope;
        _host = Text(envelope, "host"u8) ?? _host;
        _source = Text(envelope, "source"u8) ?? _source;
        _sourceType = Text(envelope, "sourcetype"u8) ?? _sourceType;
        _index = Text(envelope, "index"u8) ?? _index;
    }

    /// <summary>Writes the member <c>hec</c>.</summary>
    public void Write(Utf8JsonWriter json, JsonElement fields)
    {
        json.WriteStartObject("hec"u8);
        Member(json, "host"u8, _host);
        Member(json, "source"u8, _source);
        Member(json, "sourcetype"u8, _sourceType);
        Member(json, "index"u8, _index);
        if (fields.ValueKind is JsonValueKind.Object)
        {
            json.WritePropertyName("fields"u8);
            fields.WriteTo(json);
        }

        WriteOthers(json);
        json.WriteEndObject();
    }

    /// <summary>What the envelope holds besides, so that nothing is lost: members that HEC does not know, and those of an unusual kind.</summary>
    private void WriteOthers(Utf8JsonWriter json)
    {
        if (_envelope.ValueKind is not JsonValueKind.Object)
        {
            return;
        }

        foreach (JsonProperty member in _envelope.EnumerateObject())
        {
            bool written = member.Name switch
            {
                "event" or "time" or "fields" => true,
                "host" or "source" or "sourcetype" or "index" => member.Value.ValueKind is JsonValueKind.String or JsonValueKind.Null,
                _ => false,
            };
            if (!written)
            {
                member.WriteTo(json);
            }
        }
    }

    private static void Member(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }

    private static string? Text(JsonElement envelope, ReadOnlySpan<byte> name) =>
        envelope.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String ? Cut(value.GetString()) : null;

    private static string? Cut(string? text) => text is { Length: > MaxLength } ? text[..MaxLength] : text;
}
