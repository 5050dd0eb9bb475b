using System.Buffers;
using Muniment.Events.Otlp.Json;
using Muniment.Events.Otlp.Schema;
using Muniment.Events.Otlp.Wire;

namespace Muniment.Events.Otlp;

/// <summary>
/// Re-emits raw records as an <c>ExportXServiceRequest</c>. Records, scopes and resources keep their bytes, unknown fields included; neighbours with equal
/// resource and scope share a group, so order is kept and grouping may differ from what came. JSON is made from the same bytes and drops unknown fields.
/// </summary>
public static class OtlpWriter
{
    private const int InitialBytes = 64 * 1024;

    /// <summary>The kind of entry that belongs to a signal.</summary>
    public static EntryKind KindOf(OtlpSignal signal) => signal switch
    {
        OtlpSignal.Logs => EntryKind.Log,
        OtlpSignal.Traces => EntryKind.Span,
        _ => EntryKind.Metric,
    };

    /// <summary>Writes a protobuf request.</summary>
    /// <exception cref="ArgumentException">An event is of another kind than <paramref name="signal"/>.</exception>
    public static void WriteProtobuf(OtlpSignal signal, ReadOnlySpan<StoredEvent> events, IBufferWriter<byte> target)
    {
        using var writer = new ProtoWriter(InitialBytes, pooled: true);
        WriteRequest(signal, events, writer);
        target.Write(writer.Written);
    }

    /// <summary>Writes an OTLP/JSON request.</summary>
    /// <exception cref="ArgumentException">An event is of another kind than <paramref name="signal"/>.</exception>
    public static void WriteJson(OtlpSignal signal, ReadOnlySpan<StoredEvent> events, IBufferWriter<byte> target)
    {
        using var writer = new ProtoWriter(InitialBytes, pooled: true);
        WriteRequest(signal, events, writer);
        WriteJson(signal, writer.Written, target);
    }

    /// <summary>Writes a checked protobuf request as OTLP/JSON.</summary>
    public static void WriteJson(OtlpSignal signal, ReadOnlySpan<byte> protobuf, IBufferWriter<byte> target)
    {
        using var writer = new ProtoWriter(InitialBytes, pooled: true);
        var json = new JsonOutput(writer);
        OtlpMessageJson.Write(json, protobuf, OtlpSchema.RequestOf(signal), JsonStyle.Otlp);
        target.Write(json.Written);
    }

    private static void WriteRequest(OtlpSignal signal, ReadOnlySpan<StoredEvent> events, ProtoWriter writer)
    {
        EntryKind kind = KindOf(signal);
        for (int i = 0; i < events.Length;)
        {
            int resource = writer.Begin(1);
            ReadOnlySpan<byte> resourceBytes = events[i].Resource.Span;
            writer.Raw(resourceBytes);
            while (i < events.Length && events[i].Resource.Span.SequenceEqual(resourceBytes))
            {
                int scope = writer.Begin(2);
                ReadOnlySpan<byte> scopeBytes = events[i].Scope.Span;
                writer.Raw(scopeBytes);
                while (i < events.Length && events[i].Scope.Span.SequenceEqual(scopeBytes) && events[i].Resource.Span.SequenceEqual(resourceBytes))
                {
                    if (events[i].Kind != kind)
                    {
                        throw new ArgumentException($"entry {events[i].Seq} is a {events[i].Kind}, expected a {kind}", nameof(events));
                    }

                    writer.Bytes(2, events[i++].Record.Span);
                }

                writer.End(scope);
            }

            writer.End(resource);
        }
    }
}
