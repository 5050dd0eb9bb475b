using System.Text.Unicode;
using Muniment.Events.Otlp.Schema;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>Offsets and values of the mapped fields of one log record, span or metric. Checks the bytes on the way; no allocation.</summary>
internal struct OtlpRecordFields
{
    public AttributeSlots Slots;

    /// <summary>Log: <c>time_unix_nano</c>. Span: start. Metric: the latest point.</summary>
    public ulong TimeNs;

    /// <summary>Log: <c>observed_time_unix_nano</c>. Span: end.</summary>
    public ulong SecondTimeNs;

    /// <summary>Log: <c>event_name</c>. Span and metric: <c>name</c>.</summary>
    public ByteRange Name;

    public ByteRange TraceId;

    public ByteRange SpanId;

    public ByteRange ParentSpanId;

    public ByteRange StatusMessage;

    /// <summary>Span: status code. 0 unset, 1 ok, 2 error.</summary>
    public ulong StatusCode;

    public bool TryRead(EntryKind kind, ReadOnlySpan<byte> record, Validation state)
    {
        Slots.Clear();
        TimeNs = SecondTimeNs = StatusCode = 0;
        Name = TraceId = SpanId = ParentSpanId = StatusMessage = default;
        return kind switch
        {
            EntryKind.Log => TryReadLog(record, state),
            EntryKind.Span => TryReadSpan(record, state),
            EntryKind.Metric => TryReadMetric(record, state),
            _ => false,
        };
    }

    /// <summary>Checks the value of a field that is not mapped, known or not.</summary>
    public static bool TryCheckOther(ref ProtoCursor cursor, uint tag, MessageSchema schema, ReadOnlySpan<byte> data, Validation state)
    {
        FieldSchema? field = schema.Find(tag >> 3);
        if (field is null)
        {
            return cursor.TrySkip(tag);
        }

        if ((tag & 7) != field.WireType)
        {
            return false;
        }

        if (field.WireType != ProtoCursor.Len)
        {
            return cursor.TrySkip(tag);
        }

        return cursor.TryReadLength(out int start, out int length) && field.Kind switch
        {
            FieldKind.Message => OtlpValidator.Check(data, start, start + length, field.Message, 0, state),
            FieldKind.String => Utf8.IsValid(data.Slice(start, length)),
            _ => true,
        };
    }

    private static bool TryReadText(ref ProtoCursor cursor, ReadOnlySpan<byte> data, ref ByteRange range) =>
        TryReadRange(ref cursor, ref range) && Utf8.IsValid(range.Of(data));

    private static bool TryReadRange(ref ProtoCursor cursor, ref ByteRange range)
    {
        bool read = cursor.TryReadLength(out int start, out int length);
        range = new ByteRange(start, length);
        return read;
    }

    private bool TryReadLog(ReadOnlySpan<byte> record, Validation state)
    {
        var cursor = new ProtoCursor(record);
        int attributes = 0;
        while (!cursor.AtEnd)
        {
            if (!cursor.TryReadTag(out uint tag))
            {
                return false;
            }

            bool read = tag switch
            {
                (6 << 3) | ProtoCursor.Len => TryReadAttribute(ref cursor, record, ref attributes, state),
                (1 << 3) | ProtoCursor.Fixed64 => cursor.TryReadFixed64(out TimeNs),
                (11 << 3) | ProtoCursor.Fixed64 => cursor.TryReadFixed64(out SecondTimeNs),
                (9 << 3) | ProtoCursor.Len => TryReadRange(ref cursor, ref TraceId),
                (10 << 3) | ProtoCursor.Len => TryReadRange(ref cursor, ref SpanId),
                (12 << 3) | ProtoCursor.Len => TryReadText(ref cursor, record, ref Name),
                _ => TryCheckOther(ref cursor, tag, OtlpSchema.LogRecord, record, state),
            };
            if (!read)
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadSpan(ReadOnlySpan<byte> record, Validation state)
    {
        var cursor = new ProtoCursor(record);
        int attributes = 0;
        while (!cursor.AtEnd)
        {
            if (!cursor.TryReadTag(out uint tag))
            {
                return false;
            }

            bool read = tag switch
            {
                (9 << 3) | ProtoCursor.Len => TryReadAttribute(ref cursor, record, ref attributes, state),
                (1 << 3) | ProtoCursor.Len => TryReadRange(ref cursor, ref TraceId),
                (2 << 3) | ProtoCursor.Len => TryReadRange(ref cursor, ref SpanId),
                (4 << 3) | ProtoCursor.Len => TryReadRange(ref cursor, ref ParentSpanId),
                (5 << 3) | ProtoCursor.Len => TryReadText(ref cursor, record, ref Name),
                (7 << 3) | ProtoCursor.Fixed64 => cursor.TryReadFixed64(out TimeNs),
                (8 << 3) | ProtoCursor.Fixed64 => cursor.TryReadFixed64(out SecondTimeNs),
                (15 << 3) | ProtoCursor.Len => TryReadStatus(ref cursor, record),
                _ => TryCheckOther(ref cursor, tag, OtlpSchema.Span, record, state),
            };
            if (!read)
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadMetric(ReadOnlySpan<byte> record, Validation state)
    {
        var cursor = new ProtoCursor(record);
        int metadata = 0;
        while (!cursor.AtEnd)
        {
            if (!cursor.TryReadTag(out uint tag))
            {
                return false;
            }

            int before = cursor.Position;
            bool read = tag switch
            {
                (1 << 3) | ProtoCursor.Len => TryReadText(ref cursor, record, ref Name),
                (12 << 3) | ProtoCursor.Len when ++metadata > state.Limits.MaxAttributes => false,
                _ => TryCheckOther(ref cursor, tag, OtlpSchema.Metric, record, state),
            };
            if (!read)
            {
                return false;
            }

            if (tag >> 3 is 5 or 7 or 9 or 10 or 11)
            {
                FindLatestPoint(record[before..cursor.Position]);
            }
        }

        return true;
    }

    private bool TryReadAttribute(ref ProtoCursor cursor, ReadOnlySpan<byte> record, ref int attributes, Validation state) =>
        cursor.TryReadLength(out int start, out int length) && ++attributes <= state.Limits.MaxAttributes && Slots.TryAdd(record, start, length, state);

    private bool TryReadStatus(ref ProtoCursor cursor, ReadOnlySpan<byte> record)
    {
        if (!cursor.TryReadLength(out int start, out int length))
        {
            return false;
        }

        var status = new ProtoCursor(record, start, start + length);
        while (!status.AtEnd)
        {
            if (!status.TryReadTag(out uint tag))
            {
                return false;
            }

            bool read = tag switch
            {
                (2 << 3) | ProtoCursor.Len => TryReadText(ref status, record, ref StatusMessage),
                (3 << 3) | ProtoCursor.Varint => status.TryReadVarint(out StatusCode),
                _ => tag >> 3 is not (2 or 3) && status.TrySkip(tag),
            };
            if (!read)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>All five kinds of metric keep their points in field 1 and a point's time in field 3. The bytes are checked already.</summary>
    private void FindLatestPoint(ReadOnlySpan<byte> lengthAndData)
    {
        var outer = new ProtoCursor(lengthAndData);
        if (!outer.TryReadBytes(out ReadOnlySpan<byte> data))
        {
            return;
        }

        var points = new ProtoCursor(data);
        while (!points.AtEnd && points.TryReadTag(out uint tag))
        {
            if (tag != ((1 << 3) | ProtoCursor.Len))
            {
                if (!points.TrySkip(tag))
                {
                    return;
                }

                continue;
            }

            if (!points.TryReadBytes(out ReadOnlySpan<byte> point))
            {
                return;
            }

            var fields = new ProtoCursor(point);
            while (!fields.AtEnd && fields.TryReadTag(out uint inner))
            {
                if (inner == ((3 << 3) | ProtoCursor.Fixed64) && fields.TryReadFixed64(out ulong time))
                {
                    TimeNs = Math.Max(TimeNs, time);
                }
                else if (inner != ((3 << 3) | ProtoCursor.Fixed64) && !fields.TrySkip(inner))
                {
                    return;
                }
            }
        }
    }
}
