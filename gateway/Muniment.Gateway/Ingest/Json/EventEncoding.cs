using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;

namespace Muniment.Gateway.Ingest.Json;

/// <summary>Puts one canonical event into a segment: its text as it was sent, its terms as it will be read.</summary>
internal static class EventEncoding
{
    /// <summary>Adds a checked event.</summary>
    /// <exception cref="ArgumentException">The event was not checked.</exception>
    public static void Add(SegmentEncoder encoder, ReadOnlyMemory<byte> json, EnvelopeBytes envelope, long receivedNs, SenderKind sender = SenderKind.Ordinary)
    {
        ParsedEvent parsed = CanonicalJsonReader.Parse(json, receivedNs, sender);
        if (!parsed.IsOk)
        {
            throw new ArgumentException(parsed.Reason, nameof(json));
        }

        AddKnown(encoder, json, parsed.Event, envelope);
    }

    /// <summary>Adds an event whose text is known to say just this.</summary>
    public static void AddKnown(SegmentEncoder encoder, ReadOnlyMemory<byte> json, CanonicalEvent canonical, EnvelopeBytes envelope)
    {
        EnvelopeOverlay.Apply(canonical, envelope.Envelope);
        CanonicalTerms.Collect(canonical, ref encoder);
        encoder.Add(EntryKind.Event, encoder.AddEnvelope(envelope.Json.Span), -1, -1, json.Span, canonical.TimeNs);
    }
}

/// <summary>An envelope and its bytes, made once a request.</summary>
internal sealed class EnvelopeBytes
{
    public EnvelopeBytes(Intake intake, bool idConflict)
        : this(intake.Envelope("activity", null, idConflict))
    {
    }

    public EnvelopeBytes(Envelope envelope)
    {
        Envelope = envelope;
        Json = EnvelopeCodec.Write(envelope);
    }

    public Envelope Envelope { get; }

    public ReadOnlyMemory<byte> Json { get; }
}
