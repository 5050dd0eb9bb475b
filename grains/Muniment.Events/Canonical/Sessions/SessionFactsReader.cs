using Muniment.Events.Hashing;
using Muniment.Events.Mapping;

namespace Muniment.Events.Canonical.Sessions;

/// <summary>
/// Reads what a session counts straight from the stored bytes: exactly <see cref="SessionFacts.Of"/> of the whole event, at a fraction of its price and without allocation but for
/// texts that were not seen lately. What is unusual (escaped names, <c>attributes</c> outside <c>details</c>, …) is read whole. It trusts what the door has checked: of a
/// canonical event that the door would refuse (which is a defect) it may read facts where the whole event is unreadable. One reader serves one tenant and one thread.
/// </summary>
public sealed class SessionFactsReader(TenantId tenant)
{
    private readonly EventReader whole = new(tenant);
    private readonly SessionTexts texts = new();
    private OtlpSessionFacts? otlp;
    private SeenBytes envelopeJson;
    private Envelope? envelope;

    /// <summary>Reads one entry; false when it belongs to no session.</summary>
    public bool TryRead(in StoredEvent stored, out SessionFacts facts)
    {
        facts = new SessionFacts { Seq = stored.Seq, ReceivedNs = stored.ReceivedNs, TimeNs = stored.ReceivedNs };
        FactsOutcome outcome = stored.Kind == EntryKind.Event
            ? JsonSessionFacts.Read(stored.Record, texts, ref facts)
            : (otlp ??= new OtlpSessionFacts(texts)).Read(stored, ref facts);
        if (outcome == FactsOutcome.Unsure)
        {
            facts = SessionFacts.Of(whole.Read(stored));
            return facts.Session is { Length: > 0 };
        }

        if (outcome == FactsOutcome.NoSession)
        {
            return false;
        }

        Overlay(stored, ref facts);
        return true;
    }

    /// <summary>As <see cref="EnvelopeOverlay"/> lays it over the event.</summary>
    private void Overlay(in StoredEvent stored, ref SessionFacts facts)
    {
        if (envelope is null || !envelopeJson.Are(stored.Envelope.Span))
        {
            envelope = EnvelopeCodec.Read(stored.Envelope.Span);
            envelopeJson.Remember(stored.Envelope.Span);
        }

        facts.User = envelope.User ?? facts.User;
        facts.Project = envelope.Project ?? facts.Project;
        facts.TimeNs = facts.TimeNs - EnvelopeOverlay.MaxAheadNs > facts.ReceivedNs ? facts.ReceivedNs : facts.TimeNs;
    }
}
