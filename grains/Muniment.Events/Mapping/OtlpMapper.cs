using System.Globalization;
using Muniment.Events.Canonical;
using Muniment.Events.Hashing;
using Muniment.Events.Otlp;
using Muniment.Events.Otlp.Json;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Mapping;

/// <summary>
/// Maps a raw OTLP record to canonical form by the general mapping (<see cref="OtlpMapping"/>, <see cref="OtlpDetails"/>). Deterministic: only the bytes
/// count. An instance remembers the last resource and scope and its buffers, so it serves one thread; results share nothing with it.
/// </summary>
public sealed class OtlpMapper : IRecordMapper
{
    /// <summary>Version of these rules, kept in <see cref="Envelope.Mapper"/>.</summary>
    public const int Version = 1;

    /// <summary>Name of these rules, kept in <see cref="Envelope.Dialect"/>.</summary>
    public const string Dialect = "generic";

    private readonly ProtoWriter _buffer = new();
    private readonly ProtoWriter _scratch = new();
    private readonly JsonOutput _json;
    private readonly Utf8StringCache _strings = new();
    private readonly Validation _state = new(Unlimited, false);
    private OtlpResourceFields _resourceFields;
    private OtlpRecordFields _recordFields;
    private SeenBytes _resource;
    private SeenBytes _scope;
    private byte[]? _context;

    /// <summary>Makes a mapper.</summary>
    public OtlpMapper() => _json = new JsonOutput(_buffer);

    /// <summary>What is stored was within the limits of its day.</summary>
    internal static OtlpLimits Unlimited { get; } = new() { MaxAttributes = int.MaxValue, MaxRecords = int.MaxValue, MaxValueDepth = 100 };

    /// <inheritdoc/>
    public void Map(in StoredEvent stored, Envelope envelope, CanonicalEvent target)
    {
        ReadOnlySpan<byte> record = stored.Record.Span;
        if (!TryUseResource(stored.Resource) || !_recordFields.TryRead(stored.Kind, record, _state))
        {
            Unreadable(target);
            return;
        }

        var fields = new OtlpFields(stored.Kind, stored.ReceivedNs, stored.Resource.Span, record, in _resourceFields, in _recordFields);
        target.TimeNs = OtlpMapping.TimeNs(fields);
        var parts = new MappedParts(target, _strings);
        OtlpMapping.VisitIndexed(fields, ref parts);
        OtlpMapping.VisitRest(fields, ref parts);
        MapFlatActor(fields, target);
        bool idsShown = MapIds(record, target);
        MapUsage(fields, target);
        MapSpan(stored.Kind, record, target);
        target.Details = Details(stored, idsShown);
    }

    /// <summary>Keeps an <c>actor</c> attribute as it was sent, so that the flat form gives it back.</summary>
    private static void MapFlatActor(in OtlpFields fields, CanonicalEvent target)
    {
        AnyValueView actor = fields.HasAny(OtlpFields.Bit(OtlpKey.Actor)) ? fields.Attribute(OtlpKey.Actor) : default;
        if (actor.Kind == AnyKind.String && !actor.Bytes.IsEmpty)
        {
            target.Actor.Flat = System.Text.Encoding.UTF8.GetString(actor.Bytes);
        }
    }

    private static void MapUsage(in OtlpFields fields, CanonicalEvent target)
    {
        if (!OtlpUsage.TryRead(fields, out OtlpUsage usage))
        {
            return;
        }

        target.Usage = new UsagePart
        {
            Input = usage.Input, Output = usage.Output, CacheRead = usage.CacheRead, CacheWrite = usage.CacheWrite, Reasoning = usage.Reasoning,
            Cost = usage.Cost is { } amount ? new CostPart { Amount = amount.ToString(CultureInfo.InvariantCulture), Unit = OtlpUsage.Unit, Source = OtlpUsage.Source } : null,
        };
    }

    private bool TryUseResource(ReadOnlyMemory<byte> resource)
    {
        if (_context is not null && _resource.Are(resource.Span))
        {
            return true;
        }

        _context = null;
        _resource.Remember(resource.Span);
        return _resourceFields.TryRead(resource.Span, _state);
    }

    private byte[] Details(in StoredEvent stored, bool idsShown)
    {
        if (_context is null || !_scope.Are(stored.Scope.Span))
        {
            Begin();
            OtlpDetails.WriteContext(_json, _resource.Span, stored.Scope.Span, _scratch);
            _json.WriteEndObject();
            _context = _buffer.Written[1..].ToArray();
            _scope.Remember(stored.Scope.Span);
        }

        Begin();
        OtlpDetails.WriteRecord(_json, stored.Kind, stored.Record.Span, idsShown);
        if (_buffer.Length > 1)
        {
            _buffer.Raw(","u8);
        }

        _buffer.Raw(_context);
        return _buffer.Written.ToArray();
    }

    private void Begin()
    {
        _json.Clear();
        _json.WriteStartObject();
    }

    /// <summary>Ids of the right length go to <c>trace</c>; true when the record has no other ones.</summary>
    private bool MapIds(ReadOnlySpan<byte> record, CanonicalEvent target)
    {
        const int TraceIdBytes = 16, SpanIdBytes = 8;
        ReadOnlySpan<byte> trace = OtlpMapping.ValidId(_recordFields.TraceId.Of(record), TraceIdBytes);
        ReadOnlySpan<byte> span = OtlpMapping.ValidId(_recordFields.SpanId.Of(record), SpanIdBytes);
        if (!trace.IsEmpty)
        {
            (target.Trace ??= new TracePart()).TraceId = Convert.ToHexStringLower(trace);
        }

        if (!span.IsEmpty)
        {
            (target.Trace ??= new TracePart()).SpanId = Convert.ToHexStringLower(span);
        }

        return trace.Length == _recordFields.TraceId.Length && span.Length == _recordFields.SpanId.Length;
    }

    private void MapSpan(EntryKind kind, ReadOnlySpan<byte> record, CanonicalEvent target)
    {
        const double NsPerMs = 1e6;
        if (kind != EntryKind.Span)
        {
            return;
        }

        if (_recordFields.StatusCode == 2 && _recordFields.StatusMessage.Length > 0)
        {
            target.Reason = _strings.Get(_recordFields.StatusMessage.Of(record));
        }

        if (target.Tool is { Name: not null } tool)
        {
            bool timed = _recordFields.TimeNs != 0 && _recordFields.SecondTimeNs >= _recordFields.TimeNs;
            tool.DurationMs = timed ? (_recordFields.SecondTimeNs - _recordFields.TimeNs) / NsPerMs : null;
            tool.Success = _recordFields.StatusCode switch
            {
                1 => true,
                2 => false,
                _ => null,
            };
        }
    }

    /// <summary>The door checks every record with the same walk, so this is a defect; it must show as one event, never stop a query or a delivery.</summary>
    private static void Unreadable(CanonicalEvent target)
    {
        target.Actor.Id = "muniment";
        target.Actor.Type = "service";
        target.Action = "record.unreadable";
        target.Result = "error";
        target.Reason = "the stored record is not valid OTLP";
    }
}
