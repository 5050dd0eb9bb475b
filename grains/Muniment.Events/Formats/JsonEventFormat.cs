using System.Buffers;
using System.Text.Json;
using Muniment.Events.Canonical;

namespace Muniment.Events.Formats;

/// <summary>A format whose events are JSON objects: one writer, used again and again.</summary>
internal abstract class JsonEventFormat : IEventFormat
{
    private Utf8JsonWriter? _json;

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public string ContentType => "application/json";

    /// <inheritdoc/>
    public bool IsJson => true;

    /// <inheritdoc/>
    public void Write(CanonicalEvent value, in EventMarks marks, IBufferWriter<byte> output)
    {
        if (_json is null)
        {
            _json = new Utf8JsonWriter(output, JsonText.Compact);
        }
        else
        {
            _json.Reset(output);
        }

        _json.WriteStartObject();
        WriteMembers(value, marks, _json);
        _json.WriteEndObject();
        _json.Flush();
    }

    /// <summary>Writes the object's members.</summary>
    protected abstract void WriteMembers(CanonicalEvent value, in EventMarks marks, Utf8JsonWriter json);
}
