using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;

namespace Muniment.Events.Tests.Canonical;

/// <summary>Short cuts of the tests in this folder.</summary>
internal static class Reading
{
    public const long ReceivedNs = 1795255340_000_000_000;
    public static readonly TenantId Tenant = TenantId.Parse("acme");
    public static readonly Envelope Plain = new() { Stream = "activity", Key = "k1", Receiver = "events" };

    public static ParsedEvent Parse(string json, SenderKind sender = SenderKind.Ordinary) => CanonicalJsonReader.Parse(Encoding.UTF8.GetBytes(json), ReceivedNs, sender);

    public static CanonicalEvent Read(string json, Envelope? envelope = null, long seq = 7) =>
        new EventReader(Tenant).Read(new StoredEvent(seq, ReceivedNs, EntryKind.Event, EnvelopeCodec.Write(envelope ?? Plain), default, default, Encoding.UTF8.GetBytes(json)));

    public static JsonNode Json(CanonicalEvent e, bool flat = false)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output, JsonText.Compact))
        {
            if (flat)
            {
                CanonicalJsonWriter.WriteFlat(e, writer);
            }
            else
            {
                CanonicalJsonWriter.Write(e, writer);
            }
        }

        return JsonNode.Parse(output.WrittenSpan)!;
    }

    public static string Details(string json, Envelope? envelope = null) => Json(Read(json, envelope))["details"]!.ToJsonString(Relaxed);

    public static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
