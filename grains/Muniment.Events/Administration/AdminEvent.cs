using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;

namespace Muniment.Events.Administration;

/// <summary>The <c>admin</c> event of an act: its JSON, and the segment by which it goes into the journal.</summary>
public static class AdminEvent
{
    /// <summary>Writes the event.</summary>
    /// <param name="act">Who did what.</param>
    /// <param name="before">JSON before, or empty. Credentials must already be <c>***</c> with a fingerprint.</param>
    /// <param name="after">JSON after, or empty; the same.</param>
    public static ReadOnlyMemory<byte> Write(AdminAct act, ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> after)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("ts"u8, Timestamps.Format(act.TimeNs));
            json.WriteString("stream"u8, "admin"u8);
            json.WriteStartObject("actor"u8);
            json.WriteString("id"u8, act.User ?? act.KeyId);
            json.WriteString("type"u8, act.User is null ? "key"u8 : "user"u8);
            json.WriteEndObject();
            json.WriteString("action"u8, act.Action);
            json.WriteString("target"u8, act.Target);
            json.WriteString("result"u8, "success"u8);
            if (act.Request is not null)
            {
                json.WriteStartObject("trace"u8);
                json.WriteString("request"u8, act.Request);
                json.WriteEndObject();
            }

            json.WriteStartObject("details"u8);
            json.WriteString("role"u8, act.Role);
            Raw(json, "asked"u8, act.Asked);
            Raw(json, "before"u8, before);
            Raw(json, "after"u8, after);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>
    /// The same event with <c>asked</c>, <c>before</c> and <c>after</c> replaced by their size and SHA-256: for one that no journal would take as it is, so that it never stands
    /// in the way of what comes after it.
    /// </summary>
    /// <param name="json">What <see cref="Write"/> wrote.</param>
    public static ReadOnlyMemory<byte> Reduce(ReadOnlyMemory<byte> json)
    {
        var output = new ArrayBufferWriter<byte>(512);
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 1000 });
        using (var reduced = new Utf8JsonWriter(output))
        {
            reduced.WriteStartObject();
            foreach (JsonProperty member in document.RootElement.EnumerateObject())
            {
                if (!member.NameEquals("details"u8))
                {
                    member.WriteTo(reduced);
                    continue;
                }

                reduced.WriteStartObject("details"u8);
                foreach (JsonProperty detail in member.Value.EnumerateObject())
                {
                    Digest(reduced, detail);
                }

                reduced.WriteString("reduced"u8, "too large for an event: sizes and digests stand for the values"u8);
                reduced.WriteEndObject();
            }

            reduced.WriteEndObject();
        }

        return output.WrittenMemory;
    }

    /// <summary>Encodes one such event.</summary>
    /// <param name="encoder">Lent for this call.</param>
    /// <param name="keys">The tenant's.</param>
    /// <param name="keyId">Id of the key that acted.</param>
    /// <param name="json">The event.</param>
    /// <param name="receivedNs">Now, Unix ns.</param>
    /// <exception cref="ArgumentException">The event is none.</exception>
    public static Segment Encode(SegmentEncoder encoder, TenantKeys keys, string keyId, ReadOnlyMemory<byte> json, long receivedNs)
    {
        ParsedEvent parsed = CanonicalJsonReader.Parse(json, receivedNs, SenderKind.Platform);
        if (!parsed.IsOk)
        {
            throw new ArgumentException(parsed.Reason, nameof(json));
        }

        var envelope = new Envelope { Stream = "admin", Key = keyId, Receiver = "platform" };
        CanonicalEvent canonical = parsed.Event;
        EnvelopeOverlay.Apply(canonical, envelope);
        encoder.Begin(keys, receivedNs);
        CanonicalTerms.Collect(canonical, ref encoder);
        encoder.Add(EntryKind.Event, encoder.AddEnvelope(EnvelopeCodec.Write(envelope)), -1, -1, json.Span, canonical.TimeNs);
        return encoder.Finish();
    }

    private static void Digest(Utf8JsonWriter json, JsonProperty detail)
    {
        if (!detail.NameEquals("asked"u8) && !detail.NameEquals("before"u8) && !detail.NameEquals("after"u8))
        {
            detail.WriteTo(json);
            return;
        }

        byte[] value = Encoding.UTF8.GetBytes(detail.Value.GetRawText());
        json.WriteStartObject(detail.Name);
        json.WriteNumber("size_bytes"u8, value.Length);
        json.WriteString("sha256"u8, Convert.ToHexStringLower(SHA256.HashData(value)));
        json.WriteEndObject();
    }

    private static void Raw(Utf8JsonWriter json, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value)
    {
        if (!value.IsEmpty)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value.Span);
        }
    }
}
