using System.Diagnostics.CodeAnalysis;
using Muniment.Events.Otlp.Schema;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>
/// Walks one decoded <c>ExportXServiceRequest</c> and stops at each record, without an object graph and without allocation per record (a resource or scope
/// that does not lie in one piece, and anything with leaking attributes, is copied once).
/// <code>
/// var reader = new OtlpRequestReader(OtlpSignal.Logs, body, receivedNs);
/// while (reader.Read()) { … reader.Resource, reader.Scope, reader.Record, reader.Cut, reader.Fields … }
/// if (reader.Error is { } error) { refuse the whole request }
/// </code>
/// A request is good only when <see cref="Read"/> has returned false and <see cref="Error"/> is null: a fault may lie behind good records.
/// proto3 rules: the last scalar counts; a repeated <c>resource</c>, <c>scope</c> or <c>status</c> is merged; of a repeated <c>AnyValue</c> the last one
/// counts whole. Unknown fields stay in the bytes. Slices share <c>body</c>, which nobody may write again.
/// </summary>
public ref struct OtlpRequestReader
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly ReadOnlySpan<byte> _span;
    private readonly OtlpSignal _signal;
    private readonly long _receivedNs;
    private readonly bool _jsonNames;
    private readonly Validation _state;
    private readonly ByteArena _arena = new();
    private ProtoCursor _groups;
    private ProtoCursor _scopes;
    private ProtoCursor _records;
    private OtlpResourceFields _resourceFields;
    private OtlpRecordFields _recordFields;
    private IReadOnlyDictionary<string, int>? _resourceCut;
    private IReadOnlyDictionary<string, int>? _scopeCut;

    /// <summary>Begins to walk a request.</summary>
    /// <param name="signal">Which request it is.</param>
    /// <param name="body">The whole message, decompressed, protobuf.</param>
    /// <param name="receivedNs">When the server took it; stands in for missing and impossible times.</param>
    /// <param name="limits">Bounds; null for <see cref="OtlpLimits.Default"/>.</param>
    /// <param name="jsonNames">Name fields in errors as OTLP/JSON does, because the body was transcoded.</param>
    public OtlpRequestReader(OtlpSignal signal, ReadOnlyMemory<byte> body, long receivedNs, OtlpLimits? limits = null, bool jsonNames = false)
    {
        _body = body;
        _span = body.Span;
        _signal = signal;
        _receivedNs = receivedNs;
        _jsonNames = jsonNames;
        _state = new Validation(limits ?? OtlpLimits.Default, jsonNames);
        _groups = new ProtoCursor(_span);
        Kind = signal switch
        {
            OtlpSignal.Logs => EntryKind.Log,
            OtlpSignal.Traces => EntryKind.Span,
            _ => EntryKind.Metric,
        };
    }

    /// <summary>Kind of each record.</summary>
    public readonly EntryKind Kind { get; }

    /// <summary>Why the request is refused; null so far.</summary>
    public OtlpError? Error { get; private set; }

    /// <summary>Records read so far.</summary>
    public readonly int Count => _state.Records;

    /// <summary>The record's resource: <c>ResourceX</c> without scopes. The same memory for all records of it.</summary>
    public ReadOnlyMemory<byte> Resource { get; private set; }

    /// <summary>The record's scope: <c>ScopeX</c> without records. The same memory for all records of it.</summary>
    public ReadOnlyMemory<byte> Scope { get; private set; }

    /// <summary>The record itself.</summary>
    public ReadOnlyMemory<byte> Record { get; private set; }

    /// <summary>
    /// Leaking attributes that were cut from the record, its scope and its resource, by name; null for none. The same instance for all records that lost
    /// only what their resource and scope lost, so that an envelope can be reused by reference.
    /// </summary>
    public IReadOnlyDictionary<string, int>? Cut { get; private set; }

    /// <summary>The mapped fields of the record.</summary>
    [UnscopedRef]
    public readonly OtlpFields Fields => new(Kind, _receivedNs, Resource.Span, Record.Span, in _resourceFields, in _recordFields);

    /// <summary>Moves to the next record; false at the end and at the first fault.</summary>
    public bool Read()
    {
        if (Error is not null)
        {
            return false;
        }

        while (true)
        {
            if (!_records.AtEnd)
            {
                if (!_records.TryReadTag(out uint tag))
                {
                    return Refuse();
                }

                if (tag == ((2 << 3) | ProtoCursor.Len))
                {
                    return (_records.TryReadLength(out int start, out int length) && TryEnterRecord(start, length)) || Refuse();
                }

                if (!_records.TrySkip(tag))
                {
                    return Refuse();
                }
            }
            else if (!_scopes.AtEnd)
            {
                if (!TryNext(ref _scopes, 2, out int start, out int length) || (length >= 0 && !TryEnterScope(start, length)))
                {
                    return Refuse();
                }
            }
            else if (!_groups.AtEnd)
            {
                if (!TryNext(ref _groups, 1, out int start, out int length) || (length >= 0 && !TryEnterResource(start, length)))
                {
                    return Refuse();
                }
            }
            else
            {
                return false;
            }
        }
    }

    private static bool TryNext(ref ProtoCursor cursor, int number, out int start, out int length)
    {
        start = 0;
        length = -1;
        if (!cursor.TryReadTag(out uint tag))
        {
            return false;
        }

        if (tag >> 3 != number)
        {
            return cursor.TrySkip(tag);
        }

        return (tag & 7) == ProtoCursor.Len && cursor.TryReadLength(out start, out length);
    }

    private bool TryEnterResource(int start, int length)
    {
        if (!TryGather(start, length, out ReadOnlyMemory<byte> group))
        {
            return false;
        }

        _state.LeakFound = false;
        _resourceCut = null;
        if (!_resourceFields.TryRead(group.Span, _state))
        {
            return false;
        }

        if (_state.LeakFound)
        {
            group = CutOut(group.Span, OtlpSchema.ResourceGroupOf(_signal), null, out _resourceCut);
            _resourceFields.TryRead(group.Span, _state);
        }

        Resource = group;
        _scopes = new ProtoCursor(_span, start, start + length);
        return true;
    }

    private bool TryEnterScope(int start, int length)
    {
        if (!TryGather(start, length, out ReadOnlyMemory<byte> group))
        {
            return false;
        }

        _state.LeakFound = false;
        _scopeCut = _resourceCut;
        MessageSchema schema = OtlpSchema.ScopeGroupOf(_signal);
        if (!OtlpValidator.Check(group.Span, schema, _state))
        {
            return false;
        }

        if (_state.LeakFound)
        {
            group = CutOut(group.Span, schema, _resourceCut, out _scopeCut);
        }

        Scope = group;
        _records = new ProtoCursor(_span, start, start + length);
        return true;
    }

    private bool TryEnterRecord(int start, int length)
    {
        _state.LeakFound = false;
        if (++_state.Records > _state.Limits.MaxRecords || !_recordFields.TryRead(Kind, _span.Slice(start, length), _state))
        {
            return false;
        }

        Record = _body.Slice(start, length);
        Cut = _scopeCut;
        if (_state.LeakFound)
        {
            Record = CutOut(Record.Span, OtlpSchema.RecordOf(_signal), _scopeCut, out IReadOnlyDictionary<string, int> cut);
            Cut = cut;
            _recordFields.TryRead(Kind, Record.Span, _state);
        }

        return true;
    }

    /// <summary>Everything of a group but its field 2: a slice when it lies in one piece, else a copy.</summary>
    private readonly bool TryGather(int start, int length, out ReadOnlyMemory<byte> group)
    {
        group = default;
        var cursor = new ProtoCursor(_span, start, start + length);
        int runs = 0, firstStart = start, runStart = start, total = 0;
        while (!cursor.AtEnd)
        {
            int at = cursor.Position;
            if (!cursor.TryReadTag(out uint tag) || !cursor.TrySkip(tag))
            {
                return false;
            }

            if (tag >> 3 == 2)
            {
                if ((tag & 7) != ProtoCursor.Len)
                {
                    return false;
                }

                runs += at > runStart ? 1 : 0;
                runStart = cursor.Position;
                continue;
            }

            firstStart = total == 0 ? at : firstStart;
            total += cursor.Position - at;
        }

        runs += cursor.Position > runStart ? 1 : 0;
        group = runs <= 1 ? _body.Slice(firstStart, total) : GatherRuns(start, length, total);
        return true;
    }

    private readonly ReadOnlyMemory<byte> GatherRuns(int start, int length, int total)
    {
        Memory<byte> copy = _arena.Rent(total);
        Span<byte> rest = copy.Span;
        var cursor = new ProtoCursor(_span, start, start + length);
        while (!cursor.AtEnd)
        {
            int at = cursor.Position;
            if (cursor.TryReadTag(out uint tag) && cursor.TrySkip(tag) && tag >> 3 != 2)
            {
                _span[at..cursor.Position].CopyTo(rest);
                rest = rest[(cursor.Position - at)..];
            }
        }

        return copy;
    }

    private readonly ReadOnlyMemory<byte> CutOut(
        ReadOnlySpan<byte> message, MessageSchema schema, IReadOnlyDictionary<string, int>? outer, out IReadOnlyDictionary<string, int> cut)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach ((string name, int count) in outer ?? counts)
        {
            counts[name] = count;
        }

        var writer = new ProtoWriter(message.Length + 16);
        OtlpCutter.Copy(message, schema, writer, counts);
        cut = counts;
        return writer.WrittenMemory;
    }

    /// <summary>The fast walk only knows that something is wrong; this second walk says what and where.</summary>
    private bool Refuse()
    {
        var explain = new Validation(_state.Limits, _jsonNames);
        bool good = OtlpValidator.Check(_span, OtlpSchema.RequestOf(_signal), explain);
        Error = good ? new OtlpError("", 0, "malformed protobuf") : explain.ToError();
        return false;
    }
}
