using System.Buffers;
using System.Text.Json;
using Muniment.Events.Canonical;

namespace Muniment.Gateway.Query.Endpoints;

/// <summary>A page of events while it is written: items at once as bytes, so that events need not be kept.</summary>
internal sealed class EventPage
{
    private readonly ArrayBufferWriter<byte> output = new(16 * 1024);
    private readonly Utf8JsonWriter writer;
    private readonly bool flat;

    /// <summary>Begins a page.</summary>
    public EventPage(bool flat)
    {
        this.flat = flat;
        writer = new Utf8JsonWriter(output, JsonText.Compact);
        writer.WriteStartObject();
        writer.WriteStartArray("items"u8);
    }

    /// <summary>Items so far.</summary>
    public int Count { get; private set; }

    /// <summary>Events looked at.</summary>
    public long Scanned { get; set; }

    /// <summary>Seq where the next page begins (or, newest first, before which it ends).</summary>
    public long Next { get; set; }

    /// <summary>Whether nothing is left.</summary>
    public bool Ended { get; set; }

    /// <summary>Bytes so far.</summary>
    public long SizeBytes => output.WrittenCount + writer.BytesPending;

    /// <summary>Adds an item.</summary>
    public void Add(CanonicalEvent e, long next)
    {
        writer.Event(e, flat);
        Count++;
        Next = next;
    }

    /// <summary>The document.</summary>
    public ReadOnlyMemory<byte> Finish(uint question, bool ascending)
    {
        writer.WriteEndArray();
        writer.TextOrNull("next", Ended ? null : new Cursor(ascending, Next).Write(question));
        writer.WriteNumber("scanned"u8, Scanned);
        writer.WriteEndObject();
        writer.Dispose();
        return output.WrittenMemory;
    }
}
