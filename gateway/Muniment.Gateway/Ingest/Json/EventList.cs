using System.Text.Json;
using System.Text.Unicode;
using Muniment.Events.Canonical;
using Muniment.Gateway.Hosting;

namespace Muniment.Gateway.Ingest.Json;

/// <summary>Where the events of a body lie: one object, an array, or lines. Slices of the body; nothing is copied.</summary>
internal static class EventList
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = (2 * EventLimits.MaxDepth) + 1 };

    /// <summary>Divides a body.</summary>
    /// <param name="body">The decoded body.</param>
    /// <param name="lines">Whether it is NDJSON.</param>
    /// <param name="maxEvents">Most events.</param>
    /// <param name="events">The events' texts, in order.</param>
    /// <param name="isLone">Whether it is a single event that stands for the whole request.</param>
    /// <returns>Null, or why the body cannot be divided.</returns>
    public static Refusal? Split(ReadOnlyMemory<byte> body, bool lines, int maxEvents, out List<ReadOnlyMemory<byte>> events, out bool isLone)
    {
        events = [];
        isLone = false;
        if (body.Span.StartsWith("\uFEFF"u8))
        {
            return Malformed("begins with a byte order mark; expected plain UTF-8");
        }

        if (!Utf8.IsValid(body.Span))
        {
            return Malformed("is not valid UTF-8");
        }

        if (lines)
        {
            return SplitLines(body, maxEvents, events);
        }

        ReadOnlyMemory<byte> trimmed = Trim(body);
        if (trimmed.IsEmpty)
        {
            return Malformed("is empty; expected an event, an array of events, or NDJSON");
        }

        if (trimmed.Span[0] == (byte)'[')
        {
            return SplitArray(trimmed, maxEvents, events);
        }

        isLone = true;
        events.Add(trimmed);
        return null;
    }

    private static Refusal? SplitLines(ReadOnlyMemory<byte> body, int maxEvents, List<ReadOnlyMemory<byte>> events)
    {
        while (!body.IsEmpty)
        {
            int end = body.Span.IndexOf((byte)'\n');
            ReadOnlyMemory<byte> line = Trim(end < 0 ? body : body[..end]);
            body = end < 0 ? default : body[(end + 1)..];
            if (line.IsEmpty)
            {
                continue;
            }

            if (events.Count == maxEvents)
            {
                return TooMany(maxEvents);
            }

            events.Add(line);
        }

        return events.Count == 0 ? Malformed("is empty; expected one event a line") : null;
    }

    private static Refusal? SplitArray(ReadOnlyMemory<byte> body, int maxEvents, List<ReadOnlyMemory<byte>> events)
    {
        var reader = new Utf8JsonReader(body.Span, Options);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
            {
                if (events.Count == maxEvents)
                {
                    return TooMany(maxEvents);
                }

                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                events.Add(body[start..(int)reader.BytesConsumed]);
            }

            // One more step finds what may stand behind the array.
            reader.Read();
            return null;
        }
        catch (JsonException e)
        {
            return Malformed($"is no valid JSON: an error in line {e.LineNumber + 1} at byte {e.BytePositionInLine}");
        }
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> text)
    {
        ReadOnlySpan<byte> span = text.Span;
        int start = span.IndexOfAnyExcept(" \t\r\n"u8);
        return start < 0 ? default : text[start..(span.LastIndexOfAnyExcept(" \t\r\n"u8) + 1)];
    }

    private static Refusal Malformed(string what) => new(RefusalKind.Malformed, $"body: {what}", "body");

    private static Refusal TooMany(int maxEvents) => new(RefusalKind.TooLarge, $"body: more than {maxEvents} events in one request", "body");
}
