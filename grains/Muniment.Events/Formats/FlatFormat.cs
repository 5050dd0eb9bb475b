using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;

namespace Muniment.Events.Formats;

/// <summary>The flat form; marks as members <c>muniment.seq</c> and so on.</summary>
internal sealed class FlatFormat : JsonEventFormat
{
    /// <inheritdoc/>
    public override string Name => "flat";

    /// <inheritdoc/>
    protected override void WriteMembers(CanonicalEvent value, in EventMarks marks, Utf8JsonWriter json)
    {
        CanonicalJsonWriter.WriteFlatMembers(value, json);
        MarkWriter.WriteDotted(marks, json);
    }
}
