using System.Collections.Immutable;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Rules;
using Muniment.Messages.Journal;

namespace Muniment.Gateway.Ingest.Json;

/// <summary>
/// The events of one request on their way into segments. <see cref="Check"/> once, then <see cref="Encode"/>; when the journal knows some ids,
/// <see cref="Settle"/> and encode again without them.
/// </summary>
internal sealed class EventBatch(Intake intake, List<ReadOnlyMemory<byte>> events, IngestRuleSet? rules = null)
{
    private readonly EventItem[] _items = [.. events.Select(json => Item(intake, json, rules))];
    private readonly List<int> _encoded = [];

    /// <summary>All events, in order.</summary>
    public IReadOnlyList<EventItem> Items => _items;

    /// <summary>Events that are to be stored.</summary>
    public int Stored => _items.Count(item => item.Fate is EventFate.Stored);

    /// <summary>Whether any event carries its sender's id.</summary>
    public bool HasIds { get; private set; }

    /// <summary>Checks each event and finds repeated ids within the request. A stream that only the server sets refuses the whole request.</summary>
    public Refusal? Check(Digests digests, ReadOnlySpan<byte> requestDigest)
    {
        var ids = new Dictionary<(ulong High, ulong Low), ulong>();
        for (int i = 0; i < _items.Length; i++)
        {
            EventItem item = _items[i];
            ParsedEvent parsed = CanonicalJsonReader.Parse(item.Json, intake.ReceivedNs);
            if (parsed.Status is ParseStatus.Forbidden)
            {
                return new Refusal(RefusalKind.Forbidden, _items.Length == 1 ? parsed.Reason : $"event {i}: {parsed.Reason}", parsed.Field);
            }

            if (!parsed.IsOk)
            {
                (item.Fate, item.Field, item.Reason) = (EventFate.Rejected, parsed.Field, parsed.Reason);
                continue;
            }

            if (!parsed.Event.HasSenderId)
            {
                item.Digest = digests.Place(0, i, requestDigest, item.Json.Span);
                continue;
            }

            HasIds = true;
            EventIdMessage digest = digests.Id(0, parsed.Event.Id, item.Json.Span);
            item.Digest = digest;
            if (!ids.TryAdd((digest.IdHigh, digest.IdLow), digest.Content))
            {
                Known(item, ids[(digest.IdHigh, digest.IdLow)] == digest.Content);
            }
        }

        return null;
    }

    /// <summary>Encodes what is to be stored.</summary>
    public (ImmutableArray<Segment> Segments, ImmutableArray<EventIdMessage> Ids) Encode(SegmentEncoder encoder, TenantKeys keys)
    {
        ImmutableArray<Segment>.Builder segments = ImmutableArray.CreateBuilder<Segment>(1);
        ImmutableArray<EventIdMessage>.Builder ids = ImmutableArray.CreateBuilder<EventIdMessage>();
        var plain = new EnvelopeBytes(intake, false);
        var conflict = new EnvelopeBytes(intake, true);
        _encoded.Clear();
        encoder.Begin(keys, intake.ReceivedNs);
        for (int i = 0; i < _items.Length; i++)
        {
            EventItem item = _items[i];
            if (item.Fate is not EventFate.Stored)
            {
                continue;
            }

            if (encoder.IsFull)
            {
                segments.Add(encoder.Finish());
                encoder.Begin(keys, intake.ReceivedNs);
            }

            EnvelopeBytes envelope = item.IdConflict ? conflict : plain;
            EventEncoding.Add(encoder, item.Json, item.Set is null ? envelope : new EnvelopeBytes(envelope.Envelope with { Set = item.Set }), intake.ReceivedNs);
            if (HasIds && item.Digest is { } digest)
            {
                ids.Add((item.IdConflict ? OfConflict(digest) : digest) with { Index = _encoded.Count });
            }

            _encoded.Add(i);
        }

        if (encoder.Count > 0)
        {
            segments.Add(encoder.Finish());
        }

        return (segments.DrainToImmutable(), ids.DrainToImmutable());
    }

    /// <summary>Takes the journal's word on ids that it holds already.</summary>
    public void Settle(ImmutableArray<KnownIdMessage> known)
    {
        foreach (KnownIdMessage id in known)
        {
            Known(_items[_encoded[id.Index]], id.SameContent);
        }
    }

    /// <summary>
    /// Stands in for the id of an event whose id is other content's: made of both, so that the same event sent again is a duplicate of it. Both are keyed
    /// digests, so nobody can make two of these meet.
    /// </summary>
    private static EventIdMessage OfConflict(EventIdMessage digest) => digest with { IdHigh = digest.IdHigh ^ digest.Content, IdLow = ~digest.IdLow };

    private static EventItem Item(Intake intake, ReadOnlyMemory<byte> json, IngestRuleSet? rules)
    {
        if (rules is null)
        {
            return new EventItem(json);
        }

        ReadOnlyMemory<byte> ruled = rules.Apply(intake, json, out IReadOnlyDictionary<string, string>? set);
        return ruled.IsEmpty
            ? new EventItem(json) { Fate = EventFate.Rejected, Field = "details", Reason = $"expected at most {IngestRuleSet.MaxTexts} texts without half surrogate pairs: a policy wants them looked at" }
            : new EventItem(ruled) { Set = set };
    }

    private static void Known(EventItem item, bool sameContent)
    {
        if (sameContent)
        {
            item.Fate = EventFate.Duplicate;
        }
        else
        {
            item.IdConflict = true;
        }
    }
}
