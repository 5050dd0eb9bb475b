using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Formats;

/// <summary>
/// An event as an OTLP <c>LogRecord</c> (protobuf, without its length). Alone: one attribute for each canonical field under its dotted name, <c>decision</c>'s parts too,
/// <c>details</c> and lists as JSON text, and a sentence as body. Around another format: that format's text as body. Marks are attributes in both cases, with <c>muniment.event_id</c>.
/// </summary>
internal sealed class OtlpRecordFormat(IEventFormat? body = null) : IEventFormat
{
    private const int Attributes = 6;

    private readonly ArrayBufferWriter<byte> _json = new(2048);
    private readonly ProtoWriter _record = new(4096);
    private readonly SummaryText _summary = new();
    private readonly byte[] _path = new byte[EventLimits.MaxDepth * 16];
    private Utf8JsonWriter? _writer;

    /// <inheritdoc/>
    public string Name => "otlp";

    /// <inheritdoc/>
    public string ContentType => "application/x-protobuf";

    /// <inheritdoc/>
    public bool IsJson => false;

    /// <inheritdoc/>
    public void Write(CanonicalEvent value, in EventMarks marks, IBufferWriter<byte> output)
    {
        _record.Clear();
        Fixed64(1, value.TimeNs);
        int severity = SeverityOf(value);
        _record.Tag(2, ProtoCursor.Varint);
        _record.Varint((ulong)severity);
        _record.Bytes(3, severity switch { 17 => "ERROR"u8, 13 => "WARN"u8, _ => "INFO"u8 });
        _json.ResetWrittenCount();
        if (body is null)
        {
            int start = _record.Begin(5);
            Text(1, _summary.Of(value));
            _record.End(start);
            WriteFields(value);
        }
        else
        {
            body.Write(value, EventMarks.None, _json); // the marks are attributes, below
            int start = _record.Begin(5);
            _record.Bytes(1, _json.WrittenSpan);
            _record.End(start);
        }

        WriteMarks(value, marks);
        WriteId(9, value.Trace?.TraceId, 16);
        WriteId(10, value.Trace?.SpanId, 8);
        Fixed64(11, value.ReceivedNs);
        Text(12, value.Action);
        output.Write(_record.Written);
    }

    private void WriteMarks(CanonicalEvent value, in EventMarks marks)
    {
        Attribute("muniment.event_id"u8, value.Id);
        if (marks.Of is not { } destination)
        {
            return;
        }

        Attribute("muniment.origin"u8, destination.OriginUtf8);
        Attribute("muniment.seq"u8, marks.Seq);
        if (!marks.Leaf.IsEmpty)
        {
            Span<byte> hex = stackalloc byte[64];
            Convert.TryToHexStringLower(marks.Leaf.Span, hex, out int written);
            Attribute("muniment.leaf"u8, hex[..written]);
        }

        Attribute("muniment.destination"u8, destination.DestinationUtf8);
        Attribute("muniment.epoch"u8, marks.Epoch);
        Attribute("muniment.n"u8, marks.N);
    }

    /// <summary>The canonical JSON, member by member; names are put together in <see cref="_path"/>.</summary>
    private void WriteFields(CanonicalEvent value)
    {
        if (_writer is null)
        {
            _writer = new Utf8JsonWriter(_json, JsonText.Compact);
        }
        else
        {
            _writer.Reset(_json);
        }

        CanonicalJsonWriter.Write(value, _writer);
        _writer.Flush();
        ReadOnlySpan<byte> json = _json.WrittenSpan;
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 2 * EventLimits.MaxDepth });
        reader.Read();
        Walk(ref reader, json, 0);
    }

    private void Walk(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, int prefix)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = reader.ValueSpan;
            int length = prefix + name.Length;
            bool whole = length >= _path.Length || name.SequenceEqual("details"u8);
            name[..Math.Min(name.Length, _path.Length - prefix)].CopyTo(_path.AsSpan(prefix));
            length = Math.Min(length, _path.Length);
            reader.Read();
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject when !whole:
                    _path[length] = (byte)'.';
                    Walk(ref reader, json, length + 1);
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    int start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    Attribute(_path.AsSpan(0, length), json[start..(int)reader.BytesConsumed]);
                    break;
                case JsonTokenType.String:
                    int whereKey = BeginAttribute(_path.AsSpan(0, length), out int any);
                    int whereText = _record.Begin(1);
                    _record.Advance(reader.CopyString(_record.Need(reader.ValueSpan.Length)));
                    _record.End(whereText);
                    _record.End(any);
                    _record.End(whereKey);
                    break;
                case JsonTokenType.Number when reader.TryGetInt64(out long number):
                    Attribute(_path.AsSpan(0, length), number);
                    break;
                case JsonTokenType.Number:
                    Attribute(_path.AsSpan(0, length), double.Parse(reader.ValueSpan, CultureInfo.InvariantCulture));
                    break;
                case JsonTokenType.True or JsonTokenType.False:
                    Attribute(_path.AsSpan(0, length), reader.TokenType == JsonTokenType.True);
                    break;
            }
        }
    }

    private int BeginAttribute(ReadOnlySpan<byte> key, out int any)
    {
        int start = _record.Begin(Attributes);
        _record.Bytes(1, key);
        any = _record.Begin(2);
        return start;
    }

    private void Attribute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> utf8)
    {
        int start = BeginAttribute(key, out int any);
        _record.Bytes(1, utf8);
        _record.End(any);
        _record.End(start);
    }

    private void Attribute(ReadOnlySpan<byte> key, string text)
    {
        int start = BeginAttribute(key, out int any);
        Text(1, text);
        _record.End(any);
        _record.End(start);
    }

    private void Attribute(ReadOnlySpan<byte> key, long number)
    {
        int start = BeginAttribute(key, out int any);
        _record.Tag(3, ProtoCursor.Varint);
        _record.Varint((ulong)number);
        _record.End(any);
        _record.End(start);
    }

    private void Attribute(ReadOnlySpan<byte> key, double number)
    {
        int start = BeginAttribute(key, out int any);
        _record.Tag(4, ProtoCursor.Fixed64);
        _record.Fixed64(BitConverter.DoubleToUInt64Bits(number));
        _record.End(any);
        _record.End(start);
    }

    private void Attribute(ReadOnlySpan<byte> key, bool value)
    {
        int start = BeginAttribute(key, out int any);
        _record.Tag(2, ProtoCursor.Varint);
        _record.Varint(value ? 1UL : 0);
        _record.End(any);
        _record.End(start);
    }

    private void Text(int field, ReadOnlySpan<char> text)
    {
        int start = _record.Begin(field);
        _record.Advance(Encoding.UTF8.GetBytes(text, _record.Need((text.Length * 3) + 1)));
        _record.End(start);
    }

    private void Fixed64(int field, long unixNs)
    {
        _record.Tag(field, ProtoCursor.Fixed64);
        _record.Fixed64((ulong)Math.Max(0, unixNs));
    }

    private void WriteId(int field, string? hex, int size)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (hex?.Length == size * 2 && Convert.FromHexString(hex, bytes, out _, out int written) == OperationStatus.Done && written == size)
        {
            _record.Bytes(field, bytes[..size]);
        }
    }

    private static int SeverityOf(CanonicalEvent value) => value.Result switch
    {
        "error" => 17,
        "denied" or "failure" => 13,
        _ => value.Risk is "high" or "critical" ? 13 : 9,
    };
}
