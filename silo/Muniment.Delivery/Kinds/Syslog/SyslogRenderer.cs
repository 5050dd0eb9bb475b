using System.Buffers;
using System.Globalization;
using System.Text;
using Muniment.Delivery.Batches;
using Muniment.Events.Canonical;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.Syslog;

/// <summary>
/// One RFC 5424 message an event; over TCP and TLS with its octet count before it. The marks lie in the structured data element <c>muniment@32473</c> (32473 is the number that
/// RFC 5612 keeps for examples; the product has none of its own) and in the JSON. A message over the limit is cut here, visibly, because receivers cut silently.
/// </summary>
internal sealed class SyslogRenderer : IEventRenderer
{
    private const int MaxHostLength = 255, MaxProcessLength = 128, MaxMessageIdLength = 32; // RFC 5424, 6

    private readonly RenderContext _context;
    private readonly IEventFormat _format;
    private readonly BatchBuffer _payload = new();
    private readonly BatchBuffer _message = new();
    private readonly string _origin;
    private readonly string _middle;
    private readonly string _dataHead;
    private readonly int _facility;
    private readonly int _maxBytes;
    private readonly bool _counted;

    public SyslogRenderer(RenderContext context)
    {
        _context = context;
        _format = EventFormats.Find(SyslogKind.FormatOf(context.Config))!;
        _origin = context.Origin;
        _facility = SyslogKind.Facility(context.Config);
        _maxBytes = (int)(context.Config.Number("max_message_bytes") ?? SyslogKind.DefaultMessageBytes);
        _counted = !SyslogKind.IsRelp(context.Config);
        _middle = $" {Word(_origin.Split('/')[0], MaxHostLength)} {context.Config.Text("app_name") ?? "muniment"} {Word(context.Tenant, MaxProcessLength)} ";
        _dataHead = $" [muniment@32473 origin=\"{Escape(_origin)}\" destination=\"{Escape(context.Config.Id)}\" id=\"";
    }

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        _message.Truncate(0);
        WriteHead(value, _message);
        _payload.Truncate(0);
        _format.Write(value.Event!, _context.MarksOf(value), _payload);
        int room = _maxBytes - _message.Length;
        if (_payload.Length <= room)
        {
            _message.Write(_payload.Written.Span);
        }
        else if (_format.IsJson)
        {
            CutDocument.Write(value, _payload.Written.Span, _context, room, _message);
        }
        else
        {
            CutDocument.WriteText(_payload.Written.Span, room, _message);
        }

        if (_counted)
        {
            Marks.WriteNumber(_message.Length, output);
            output.Write(" "u8);
        }

        output.Write(_message.Written.Span);
        return 0;
    }

    private void WriteHead(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        CanonicalEvent canonical = value.Event!;
        StringBuilder text = new();
        text.Append('<').Append(_facility * 8 + Severity(canonical)).Append(">1 ");
        text.Append(DateTimeOffset.UnixEpoch.AddTicks(canonical.TimeNs / 100).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        text.Append(_middle).Append(Word(canonical.Action, MaxMessageIdLength)).Append(_dataHead).Append(Escape(value.Id)).Append('"');
        if (value.N >= 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" seq=\"{value.Stored.Seq}\" epoch=\"{value.Epoch}\" n=\"{value.N}\"");
            if (!value.Leaf.IsEmpty)
            {
                text.Append(" leaf=\"").Append(Convert.ToHexStringLower(value.Leaf.Span)).Append('"');
            }
        }

        Encoding.UTF8.GetBytes(text.Append("] ").ToString(), output);
    }

    private static int Severity(CanonicalEvent value) => (value.Result, value.Risk) switch
    {
        (_, "critical") => 2,
        ("error", _) => 3,
        ("denied" or "failure", _) or (_, "high") => 4,
        ("modified" or "redacted", _) => 5,
        _ => 6,
    };

    /// <summary>Printable ASCII without blanks, as the header's fields must be.</summary>
    private static string Word(string text, int most)
    {
        string word = new([.. text.Take(most).Select(c => c is > ' ' and <= '~' ? c : '_')]);
        return word.Length == 0 ? "-" : word;
    }

    /// <summary>RFC 5424, 6.3.3.</summary>
    private static string Escape(string text) =>
        text.AsSpan().ContainsAny("\\\"]") ? text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal) : text;
}
