using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Events.Canonical;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.OtlpHttp;

/// <summary>
/// An event as a log record. Format <c>otlp</c>: one attribute for each canonical field under its dotted name, <c>details</c> and lists as JSON text, and a short sentence as
/// body; <c>canonical</c> and <c>flat</c>: that JSON as body.
/// </summary>
internal sealed class EventLogRenderer : IEventRenderer
{
    private const int Attributes = 6;
    private const string ScopeName = "muniment";

    private readonly RenderContext _context;
    private readonly byte[] _resource;
    private readonly byte[] _scope;
    private readonly IEventFormat _body;
    private readonly BatchBuffer _json = new();

    public EventLogRenderer(RenderContext context)
    {
        _context = context;
        _body = context.Format ?? EventFormats.Find("canonical")!; // format otlp has no writer of its own yet: its attributes are taken from the canonical JSON
        ArrayBufferWriter<byte> attributes = new();
        Proto.WriteAttribute(1, "service.name", "muniment", attributes);
        Proto.WriteAttribute(1, "muniment.tenant", context.Tenant, attributes);
        ArrayBufferWriter<byte> resource = new();
        Proto.WriteBytes(1, attributes.WrittenSpan, resource); // ResourceLogs.resource
        _resource = resource.WrittenSpan.ToArray();
        ArrayBufferWriter<byte> name = new();
        Proto.WriteText(1, ScopeName, name);
        ArrayBufferWriter<byte> scope = new();
        Proto.WriteBytes(1, name.WrittenSpan, scope); // ScopeLogs.scope
        _scope = scope.WrittenSpan.ToArray();
    }

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        CanonicalEvent canonical = value.Event!;
        OtlpItem.WriteHead(_resource, _scope, output);
        Proto.WriteFixed64(1, (ulong)Math.Max(0, canonical.TimeNs), output);
        (int severity, string severityText) = Severity(canonical);
        Proto.WriteVarint(2 << 3, output);
        Proto.WriteVarint((ulong)severity, output);
        Proto.WriteText(3, severityText, output);
        _json.Truncate(0);
        _body.Write(canonical, EventMarks.None, _json); // they are attributes, below
        if (_context.Config.Format == "otlp")
        {
            WriteBody(Encoding.UTF8.GetBytes(Sentence(canonical)), output);
            WriteFields(_json.Written.Span, output);
        }
        else
        {
            WriteBody(_json.Written.Span, output);
        }

        OtlpMarks.Write(Attributes, _context, value, output);
        WriteId(9, canonical.Trace?.TraceId, 16, output);
        WriteId(10, canonical.Trace?.SpanId, 8, output);
        Proto.WriteFixed64(11, (ulong)Math.Max(0, canonical.ReceivedNs), output);
        Proto.WriteText(12, canonical.Action, output);
        return OtlpItem.Logs;
    }

    private static void WriteBody(ReadOnlySpan<byte> text, IBufferWriter<byte> output)
    {
        Proto.WriteHead(5, Proto.FieldSize(text.Length), output);
        Proto.WriteBytes(1, text, output);
    }

    private static void WriteId(int field, string? hex, int size, IBufferWriter<byte> output)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (hex?.Length == size * 2 && Convert.FromHexString(hex, bytes, out _, out int written) == OperationStatus.Done && written == size)
        {
            Proto.WriteBytes(field, bytes[..size], output);
        }
    }

    private static string Sentence(CanonicalEvent value)
    {
        StringBuilder text = new();
        foreach (string? word in (ReadOnlySpan<string?>)[value.Actor.User ?? value.Actor.Id, value.Action, value.Target, value.Result, value.Reason])
        {
            if (!string.IsNullOrEmpty(word))
            {
                text.Append(text.Length == 0 ? "" : " ").Append(word);
            }
        }

        return text.ToString();
    }

    private static (int Number, string Text) Severity(CanonicalEvent value) => value.Result switch
    {
        "error" => (17, "ERROR"),
        "denied" or "failure" => (13, "WARN"),
        _ => value.Risk is "high" or "critical" ? (13, "WARN") : (9, "INFO"),
    };

    private static void WriteFields(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        Utf8JsonReader reader = new(json);
        reader.Read();
        Stack<string> path = new();
        string name = "";
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    name = path.Count == 0 ? reader.GetString()! : path.Peek() + "." + reader.GetString();
                    break;
                case JsonTokenType.StartObject when name is not "details":
                    path.Push(name);
                    break;
                case JsonTokenType.StartObject or JsonTokenType.StartArray:
                    int start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    Proto.WriteAttribute(Attributes, name, Encoding.UTF8.GetString(json[start..(int)reader.BytesConsumed]), output);
                    break;
                case JsonTokenType.EndObject when path.Count > 0:
                    path.Pop();
                    break;
                case JsonTokenType.String:
                    Proto.WriteAttribute(Attributes, name, reader.GetString()!, output);
                    break;
                case JsonTokenType.Number when reader.TryGetInt64(out long number):
                    Proto.WriteAttribute(Attributes, name, number, output);
                    break;
                case JsonTokenType.Number:
                    Proto.WriteAttribute(Attributes, name, double.Parse(reader.ValueSpan, CultureInfo.InvariantCulture), output);
                    break;
                case JsonTokenType.True or JsonTokenType.False:
                    Proto.WriteAttribute(Attributes, name, reader.GetBoolean(), output);
                    break;
            }
        }
    }
}
