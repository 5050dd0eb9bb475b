using System.Text.Json;
using Muniment.Events.Hashing;
using Muniment.Events.Mapping;

namespace Muniment.Events.Canonical;

/// <summary>
/// Makes the canonical event out of a journal entry: the sender's record through the parser or mapper of its kind, then the envelope over it. One reader
/// serves one tenant and one thread; it remembers the last envelope, which neighbours in a block share.
/// </summary>
public sealed class EventReader(TenantId tenant, IRecordMapper? mapper = null)
{
    private SeenBytes lastEnvelopeJson;
    private Envelope? lastEnvelope;

    /// <summary>Reads one entry.</summary>
    public CanonicalEvent Read(in StoredEvent stored)
    {
        if (lastEnvelope is null || !lastEnvelopeJson.Are(stored.Envelope.Span))
        {
            lastEnvelope = EnvelopeCodec.Read(stored.Envelope.Span);
            lastEnvelopeJson.Remember(stored.Envelope.Span);
        }

        return Read(stored, lastEnvelope);
    }

    /// <summary>Reads one entry alone; a loop uses an instance, which remembers the envelope.</summary>
    public static CanonicalEvent Read(in StoredEvent stored, TenantId tenant) => new EventReader(tenant).Read(stored);

    private CanonicalEvent Read(in StoredEvent stored, Envelope envelope)
    {
        CanonicalEvent target = Start(stored);
        if (stored.Kind == EntryKind.Event)
        {
            SenderKind sender = envelope.IsOurs ? SenderKind.Platform : SenderKind.Import;
            ParsedEvent parsed = CanonicalJsonReader.ParseInto(stored.Record, sender, target);
            if (!parsed.IsOk)
            {
                target = Unreadable(stored, parsed.Reason);
            }
        }
        else
        {
            (mapper ??= new OtlpMapper()).Map(stored, envelope, target);
        }

        EnvelopeOverlay.Apply(target, envelope);
        EnvelopeOverlay.AssignId(target, tenant);
        return target;
    }

    private static CanonicalEvent Start(in StoredEvent stored) =>
        new() { Id = "", Seq = stored.Seq, ReceivedNs = stored.ReceivedNs, TimeNs = stored.ReceivedNs, Kind = stored.Kind };

    /// <summary>The door checks every event with this parser, so this is a defect; it must show as one event, never stop a query or a delivery.</summary>
    private static CanonicalEvent Unreadable(in StoredEvent stored, string reason)
    {
        CanonicalEvent target = Start(stored);
        target.Actor = new ActorPart { Id = "muniment", Type = "service" };
        target.Action = "event.unreadable";
        target.Result = "error";
        target.Reason = reason;
        target.Details = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["raw_base64"] = Convert.ToBase64String(stored.Record.Span) });
        return target;
    }
}
