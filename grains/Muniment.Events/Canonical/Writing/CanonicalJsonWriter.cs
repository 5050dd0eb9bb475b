using System.Buffers;
using System.Text.Json;

namespace Muniment.Events.Canonical.Writing;

/// <summary>
/// Writes the canonical event as the contract's JSON, members in the contract's order, absent ones left out (<c>details</c> is always there). The same event
/// always gives the same bytes, on one line. Roles that may not see content get an event that <see cref="EventMasker"/> has been over.
/// </summary>
public static class CanonicalJsonWriter
{
    /// <summary>Writes one event to a writer made with <see cref="JsonText.Compact"/>.</summary>
    public static void Write(CanonicalEvent e, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteMembers(e, writer);
        writer.WriteEndObject();
    }

    /// <summary>The members alone, for a writer that adds its own.</summary>
    internal static void WriteMembers(CanonicalEvent e, Utf8JsonWriter writer)
    {
        WriteHead(e, writer);
        PartWriter.Write(writer, e.Actor);
        PartWriter.Write(writer, e.Agent);
        writer.WriteString("action"u8, e.Action);
        PartWriter.Write(writer, e.Artifact);
        PartWriter.Write(writer, e.Policy);
        PartWriter.Text(writer, "target"u8, e.Target);
        PartWriter.Text(writer, "mode"u8, e.Mode);
        PartWriter.Write(writer, e.Trace);
        writer.WriteString("result"u8, e.Result);
        WriteTail(e, writer);
    }

    /// <summary>Writes one event, without line feed.</summary>
    public static void Write(CanonicalEvent e, IBufferWriter<byte> output)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.Compact);
        Write(e, writer);
    }

    /// <summary>The flat form: <c>actor, artifact, policy, trace</c> as texts, everything else as in the canonical form.</summary>
    public static void WriteFlat(CanonicalEvent e, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        WriteFlatMembers(e, writer);
        writer.WriteEndObject();
    }

    /// <summary>The members of the flat form alone.</summary>
    internal static void WriteFlatMembers(CanonicalEvent e, Utf8JsonWriter writer)
    {
        WriteHead(e, writer);
        PartWriter.Text(writer, "actor"u8, FlatForm.WriteActor(e.Actor));
        PartWriter.Write(writer, e.Agent);
        writer.WriteString("action"u8, e.Action);
        PartWriter.Text(writer, "artifact"u8, FlatForm.WriteArtifact(e.Artifact));
        PartWriter.Text(writer, "policy"u8, FlatForm.WritePolicy(e.Policy));
        PartWriter.Text(writer, "target"u8, e.Target);
        PartWriter.Text(writer, "mode"u8, e.Mode);
        PartWriter.Text(writer, "trace"u8, FlatForm.WriteTrace(e.Trace));
        writer.WriteString("result"u8, e.Result);
        WriteTail(e, writer);
    }

    private static void WriteHead(CanonicalEvent e, Utf8JsonWriter writer)
    {
        Span<byte> time = stackalloc byte[Timestamps.SizeBytes];
        writer.WriteString("id"u8, e.Id);
        writer.WriteNumber("seq"u8, e.Seq);
        writer.WriteString("ts"u8, Timestamps.Format(e.TimeNs, time));
        writer.WriteString("received"u8, Timestamps.Format(e.ReceivedNs, time));
        writer.WriteString("signal"u8, CanonicalTerms.SignalOf(e.Kind));
        PartWriter.Text(writer, "stream"u8, e.Stream);
    }

    private static void WriteTail(CanonicalEvent e, Utf8JsonWriter writer)
    {
        PartWriter.Text(writer, "reason"u8, e.Reason);
        PartWriter.Text(writer, "risk"u8, e.Risk);
        PartWriter.Write(writer, e.Resource);
        PartWriter.Write(writer, e.Approval);
        PartWriter.Write(writer, e.Client);
        PartWriter.Write(writer, e.Model);
        PartWriter.Write(writer, e.Usage);
        PartWriter.Write(writer, e.Tool);
        PartWriter.Write(writer, e.Change);
        if (!e.Decision.IsEmpty)
        {
            writer.WritePropertyName("decision"u8);
            writer.WriteRawValue(JsonText.OneLine(e.Decision).Span, skipInputValidation: true);
        }

        PartWriter.Write(writer, e.Source);
        writer.WritePropertyName("details"u8);
        writer.WriteRawValue(e.Details.IsEmpty ? "{}"u8 : e.Details.Span, skipInputValidation: true);
    }
}
