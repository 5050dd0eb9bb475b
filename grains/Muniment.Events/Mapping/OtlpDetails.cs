using Muniment.Events.Otlp.Json;
using Muniment.Events.Otlp.Schema;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Mapping;

/// <summary>
/// Writes what came as members of <c>details</c>, under the names of the .proto files: for logs and spans every field of the record beside each other
/// (<c>attributes, body, severity_number, name, kind, status, events, links …</c>; attributes as objects, times as decimal ns in strings), for metrics the
/// whole message in <c>metric</c>; then <c>resource</c> (its attributes), <c>resource_info</c> (what else it has) and <c>scope</c>. Of an attribute sent twice
/// the last value stands in <c>attributes</c>, the others in <c>duplicate_attributes</c> beside it (<c>resource_duplicates</c>).
/// </summary>
internal static class OtlpDetails
{
    private static readonly uint LogIds = Bit(OtlpSchema.LogRecord, 9) | Bit(OtlpSchema.LogRecord, 10);
    private static readonly uint SpanIds = Bit(OtlpSchema.Span, 1) | Bit(OtlpSchema.Span, 2);
    private static readonly uint ResourceAttributes = Bit(OtlpSchema.Resource, 1);

    /// <summary>Writes the record's own members. Ids that <c>trace</c> already shows are left out.</summary>
    public static void WriteRecord(JsonOutput json, EntryKind kind, ReadOnlySpan<byte> record, bool idsShown)
    {
        switch (kind)
        {
            case EntryKind.Log:
                OtlpMessageJson.WriteMembers(json, record, OtlpSchema.LogRecord, JsonStyle.Plain, idsShown ? LogIds : 0);
                break;
            case EntryKind.Span:
                OtlpMessageJson.WriteMembers(json, record, OtlpSchema.Span, JsonStyle.Plain, idsShown ? SpanIds : 0);
                break;
            default:
                json.WritePropertyName("metric"u8);
                OtlpMessageJson.Write(json, record, OtlpSchema.Metric, JsonStyle.Plain);
                break;
        }
    }

    /// <summary>Writes <c>resource</c>, <c>resource_info</c> and <c>scope</c>, the members that neighbouring records share.</summary>
    public static void WriteContext(JsonOutput json, ReadOnlySpan<byte> resourceGroup, ReadOnlySpan<byte> scopeGroup, ProtoWriter scratch)
    {
        ReadOnlySpan<byte> resource = Gather(resourceGroup, scratch, out ReadOnlySpan<byte> resourceUrl);
        json.WritePropertyName("resource"u8);
        if (OtlpValueJson.WriteAttributes(json, resource, 1))
        {
            json.WritePropertyName("resource_duplicates"u8);
            OtlpValueJson.WriteRepeated(json, resource, 1);
        }

        if (!resourceUrl.IsEmpty || HasOther(resource))
        {
            json.WriteStartObject("resource_info"u8);
            WriteUrl(json, resourceUrl);
            OtlpMessageJson.WriteMembers(json, resource, OtlpSchema.Resource, JsonStyle.Plain, ResourceAttributes);
            json.WriteEndObject();
        }

        ReadOnlySpan<byte> scope = Gather(scopeGroup, scratch, out ReadOnlySpan<byte> scopeUrl);
        json.WriteStartObject("scope"u8);
        OtlpMessageJson.WriteMembers(json, scope, OtlpSchema.Scope, JsonStyle.Plain, 0);
        WriteUrl(json, scopeUrl);
        json.WriteEndObject();
    }

    /// <summary>Content of field 1, merged if it occurs more than once, and the last schema_url.</summary>
    private static ReadOnlySpan<byte> Gather(ReadOnlySpan<byte> group, ProtoWriter scratch, out ReadOnlySpan<byte> url)
    {
        url = default;
        scratch.Clear();
        var cursor = new ProtoCursor(group);
        while (!cursor.AtEnd && cursor.TryReadTag(out uint tag))
        {
            if (tag == ((1 << 3) | ProtoCursor.Len) && cursor.TryReadBytes(out ReadOnlySpan<byte> content))
            {
                scratch.Raw(content);
            }
            else if (tag == ((3 << 3) | ProtoCursor.Len))
            {
                cursor.TryReadBytes(out url);
            }
            else if (tag != ((1 << 3) | ProtoCursor.Len))
            {
                cursor.TrySkip(tag);
            }
        }

        return scratch.Written;
    }

    private static bool HasOther(ReadOnlySpan<byte> resource)
    {
        var cursor = new ProtoCursor(resource);
        while (!cursor.AtEnd && cursor.TryReadTag(out uint tag) && cursor.TrySkip(tag))
        {
            if (tag >> 3 != 1)
            {
                return true;
            }
        }

        return false;
    }

    private static void WriteUrl(JsonOutput json, ReadOnlySpan<byte> url)
    {
        if (!url.IsEmpty)
        {
            json.WriteString("schema_url"u8, url);
        }
    }

    private static uint Bit(MessageSchema schema, uint number) => 1u << schema.Find(number)!.Index;
}
