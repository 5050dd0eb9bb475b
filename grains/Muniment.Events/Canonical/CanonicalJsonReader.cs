using System.Text.Json;
using System.Text.Unicode;
using Muniment.Events.Canonical.Parsing;

namespace Muniment.Events.Canonical;

/// <summary>
/// Reads one canonical event as a sender gave it: object form, flat form, or any mix of both, field by field. Used at the door to refuse bad events and when
/// reading the journal, so both see the same event. Unknown fields go to <c>details</c> with their text unchanged; what only the server sets, and members of
/// <c>details</c> whose names are the server's (<see cref="DetailNames"/>), go to <c>details.claimed</c>. A member name that occurs twice is refused at every level,
/// because two readers could see two different events.
/// </summary>
public static class CanonicalJsonReader
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 2 * EventLimits.MaxDepth };

    /// <summary>
    /// Reads and checks an event that is not stored yet. Its id is empty when the sender gave none, its time <paramref name="receivedNs"/> when it has no
    /// <c>ts</c>. Afterwards <see cref="EnvelopeOverlay.Apply"/> gives the event that terms and time bounds are taken from.
    /// </summary>
    public static ParsedEvent Parse(ReadOnlyMemory<byte> json, long receivedNs, SenderKind sender = SenderKind.Ordinary)
    {
        var target = new CanonicalEvent { Id = "", Kind = EntryKind.Event, Seq = -1, ReceivedNs = receivedNs, TimeNs = receivedNs };
        return ParseInto(json, sender, target);
    }

    /// <summary>Reads into an event that already has its server-set fields; without <c>ts</c> its time stays as it is.</summary>
    internal static ParsedEvent ParseInto(ReadOnlyMemory<byte> json, SenderKind sender, CanonicalEvent target)
    {
        if (json.Length > EventLimits.MaxSizeBytes)
        {
            return new ParsedEvent(ParseStatus.Invalid, null, "body", $"at most {EventLimits.MaxSizeBytes} bytes an event, found {json.Length}");
        }

        if (!Utf8.IsValid(json.Span))
        {
            return new ParsedEvent(ParseStatus.Invalid, null, "body", "valid UTF-8");
        }

        var parser = new EventParser(json, Options, sender, target);
        try
        {
            return parser.Run();
        }
        catch (JsonException e)
        {
            return new ParsedEvent(ParseStatus.Invalid, null, "body", $"valid JSON, found an error in line {e.LineNumber + 1} at byte {e.BytePositionInLine}");
        }
    }
}
