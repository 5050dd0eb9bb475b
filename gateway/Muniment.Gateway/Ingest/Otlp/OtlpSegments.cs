using System.Collections.Immutable;
using System.Text;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Keys;
using Muniment.Events.Mapping;
using Muniment.Events.Otlp;
using Muniment.Gateway.Hosting;
using Muniment.Gateway.Ingest.Rules;

namespace Muniment.Gateway.Ingest.Otlp;

/// <summary>Turns one OTLP request into segments in one pass over its bytes; allocates per request, resource and segment, not per record.</summary>
internal static class OtlpSegments
{
    /// <summary>Longest record, resource or scope. A longer record is refused by itself, as a partial success.</summary>
    public const int MaxRecordBytes = 4 << 20;

    /// <summary>Encodes; the result's segments are empty for an empty request.</summary>
    /// <param name="encoder">Borrowed for this call.</param>
    /// <param name="keys">The tenant's keys.</param>
    /// <param name="signal">Which service.</param>
    /// <param name="body">Decoded protobuf.</param>
    /// <param name="intake">Who and when.</param>
    /// <param name="maxRecords">Most records.</param>
    /// <param name="jsonNames">Name fields in errors as OTLP/JSON does.</param>
    /// <param name="rules">The tenant's rules for what comes in; null for none.</param>
    public static OtlpEncoded Encode(
        SegmentEncoder encoder, TenantKeys keys, OtlpSignal signal, ReadOnlyMemory<byte> body, Intake intake, int maxRecords, bool jsonNames, IngestRuleSet? rules = null)
    {
        var reader = new OtlpRequestReader(signal, body, intake.ReceivedNs, OtlpLimits.Default with { MaxRecords = maxRecords }, jsonNames);
        string? stream = signal is OtlpSignal.Metrics ? null : "activity";
        ImmutableArray<Segment>.Builder segments = ImmutableArray.CreateBuilder<Segment>(1);
        var last = new Last();
        int rejected = 0;
        EventReader? events = rules is null ? null : new EventReader(intake.Caller.Tenant);
        encoder.Begin(keys, intake.ReceivedNs);
        while (reader.Read())
        {
            if (reader.Record.Length > MaxRecordBytes || reader.Resource.Length > MaxRecordBytes || reader.Scope.Length > MaxRecordBytes)
            {
                rejected++;
                continue;
            }

            if (encoder.IsFull)
            {
                segments.Add(encoder.Finish());
                encoder.Begin(keys, intake.ReceivedNs);
                last = new Last();
            }

            ReadOnlyMemory<byte> record = reader.Record;
            IReadOnlyDictionary<string, string>? set = null;
            if (rules is not null)
            {
                byte[] envelope = EnvelopeCodec.Write(intake.Envelope(stream, reader.Cut));
                record = rules.Apply(intake, new StoredEvent(0, intake.ReceivedNs, reader.Kind, envelope, reader.Resource, reader.Scope, record), events!, out set);
            }

            last.Follow(encoder, reader.Resource, reader.Scope, reader.Cut, set, intake, stream);
            long timeNs = last.Terms!.Collect(reader.Fields, ref encoder);
            Filled(set, ref encoder);
            encoder.Add(reader.Kind, last.EnvelopeIndex, last.ResourceIndex, last.ScopeIndex, record.Span, timeNs);
        }

        if (reader.Error is { } error)
        {
            return new OtlpEncoded([], 0, 0, new Refusal(RefusalKind.Malformed, error.ToString(), error.Path.Length == 0 ? "body" : error.Path));
        }

        if (encoder.Count > 0)
        {
            segments.Add(encoder.Finish());
        }

        return new OtlpEncoded(segments.DrainToImmutable(), reader.Count - rejected, rejected, null);
    }

    private static void Filled(IReadOnlyDictionary<string, string>? set, ref SegmentEncoder encoder)
    {
        foreach ((string name, string value) in set ?? ImmutableDictionary<string, string>.Empty)
        {
            if (name is "project" or "repo" or "ticket" or "incident")
            {
                encoder.Add(name == "project" ? TermField.Project : TermField.Work, Encoding.UTF8.GetBytes(value));
            }
        }
    }

    /// <summary>What the record before had: neighbours nearly always share it, and sharing is told by reference, without comparing bytes.</summary>
    private struct Last
    {
        private ReadOnlyMemory<byte> _resource;
        private ReadOnlyMemory<byte> _scope;
        private IReadOnlyDictionary<string, int>? _cut;
        private IReadOnlyDictionary<string, string>? _set;

        public Last()
        {
            EnvelopeIndex = ResourceIndex = ScopeIndex = -1;
        }

        public OtlpTerms? Terms { get; private set; }

        public int EnvelopeIndex { get; private set; }

        public int ResourceIndex { get; private set; }

        public int ScopeIndex { get; private set; }

        public void Follow(
            SegmentEncoder encoder, ReadOnlyMemory<byte> resource, ReadOnlyMemory<byte> scope, IReadOnlyDictionary<string, int>? cut, IReadOnlyDictionary<string, string>? set, Intake intake,
            string? stream)
        {
            if (EnvelopeIndex < 0 || !ReferenceEquals(cut, _cut) || !ReferenceEquals(set, _set))
            {
                _cut = cut;
                _set = set;
                Envelope envelope = intake.Envelope(stream, cut) with { Set = set };
                Terms = new OtlpTerms(envelope);
                EnvelopeIndex = encoder.AddEnvelope(EnvelopeCodec.Write(envelope));
            }

            if (ResourceIndex < 0 || !resource.Equals(_resource))
            {
                _resource = resource;
                ResourceIndex = encoder.AddResource(resource.Span);
            }

            if (ScopeIndex < 0 || !scope.Equals(_scope))
            {
                _scope = scope;
                ScopeIndex = encoder.AddScope(scope.Span);
            }
        }
    }
}

/// <summary>An encoded OTLP request.</summary>
/// <param name="Segments">In order.</param>
/// <param name="Accepted">Records in the segments.</param>
/// <param name="Rejected">Records left out because they are too long.</param>
/// <param name="Refusal">Why the whole request is refused, or null.</param>
internal sealed record OtlpEncoded(ImmutableArray<Segment> Segments, int Accepted, int Rejected, Refusal? Refusal);
