using System.Text.Json;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Writing;

namespace Muniment.Events.Formats;

/// <summary>The contract's own JSON; marks in the member <c>muniment</c>.</summary>
internal sealed class CanonicalFormat : JsonEventFormat
{
    /// <inheritdoc/>
    public override string Name => "canonical";

    /// <inheritdoc/>
    protected override void WriteMembers(CanonicalEvent value, in EventMarks marks, Utf8JsonWriter json)
    {
        CanonicalJsonWriter.WriteMembers(value, json);
        MarkWriter.WriteNested(marks, json);
    }
}
