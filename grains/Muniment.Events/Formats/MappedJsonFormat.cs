using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Formats.Meaning;
using Muniment.Events.Formats.Residue;

namespace Muniment.Events.Formats;

/// <summary>
/// A JSON format with a schema of its own. Whatever value a mapping writes it ticks off; what is not ticked off at the end goes to the format's place for unmapped data,
/// so a mapping cannot lose a value by forgetting it. The fields are set for one event at a time.
/// </summary>
internal abstract class MappedJsonFormat : JsonEventFormat
{
    private LeafSet _mapped;

    /// <summary>The event being written.</summary>
    protected CanonicalEvent Event { get; private set; } = null!;

    /// <summary>What it means.</summary>
    protected EventMeaning Meaning { get; private set; }

    /// <summary>Where it goes.</summary>
    protected Utf8JsonWriter Json { get; private set; } = null!;

    /// <inheritdoc/>
    protected sealed override void WriteMembers(CanonicalEvent value, in EventMarks marks, Utf8JsonWriter json)
    {
        Event = value;
        Json = json;
        Meaning = EventMeaning.Of(value);
        _mapped = default;
        WriteMembers(marks);
    }

    /// <summary>Writes the members of one event.</summary>
    protected abstract void WriteMembers(in EventMarks marks);

    /// <summary>Ticks off a value that was written in another way.</summary>
    protected void Tick(EventLeaf leaf) => _mapped = _mapped.With(leaf);

    /// <summary>Writes a text and ticks it off; nothing for null and for an empty text, which most schemas refuse.</summary>
    protected void Text(ReadOnlySpan<byte> name, string? value, EventLeaf leaf)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Json.WriteString(name, value);
            Tick(leaf);
        }
    }

    /// <summary>Writes a text that is no value of the event's own, or stands elsewhere too.</summary>
    protected void Text(ReadOnlySpan<byte> name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            Json.WriteString(name, value);
        }
    }

    /// <summary>Writes a whole number and ticks it off.</summary>
    protected void Number(ReadOnlySpan<byte> name, long? value, EventLeaf leaf)
    {
        if (value is { } number)
        {
            Json.WriteNumber(name, number);
            Tick(leaf);
        }
    }

    /// <summary>Writes a time with nanoseconds as text.</summary>
    protected void Time(ReadOnlySpan<byte> name, long unixNs)
    {
        Span<byte> text = stackalloc byte[Timestamps.SizeBytes];
        Json.WriteString(name, Timestamps.Format(unixNs, text));
    }

    /// <summary>Writes what is not ticked off, as members.</summary>
    protected void Residue(bool detailsAsText = false) => ResidueWriter.Write(Event, _mapped, Json, detailsAsText);
}
