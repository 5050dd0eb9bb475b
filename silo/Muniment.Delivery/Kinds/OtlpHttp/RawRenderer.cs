using System.Buffers;
using Muniment.Delivery.Batches;
using Muniment.Events;

namespace Muniment.Delivery.Kinds.OtlpHttp;

/// <summary>
/// Raw records as they came. The marks are appended as attributes; a protobuf message followed by more elements of a repeated field is the message with these added, so the
/// record itself is not touched.
/// </summary>
internal sealed class RawRenderer(RenderContext context) : IEventRenderer
{
    private readonly OtlpMarks _logs = new(6, context); // LogRecord.attributes
    private readonly OtlpMarks _spans = new(9, context); // Span.attributes
    private readonly OtlpMarks _metrics = new(12, context); // Metric.metadata

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        (byte group, OtlpMarks marks) = value.Stored.Kind switch
        {
            EntryKind.Span => (OtlpItem.Traces, _spans),
            EntryKind.Metric => (OtlpItem.Metrics, _metrics),
            _ => (OtlpItem.Logs, _logs),
        };
        OtlpItem.WriteHead(value.Stored.Resource.Span, value.Stored.Scope.Span, output);
        output.Write(value.Stored.Record.Span);
        marks.Write(value, output);
        return group;
    }
}
