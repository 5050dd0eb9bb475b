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
    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        (byte group, int attributes) = value.Stored.Kind switch
        {
            EntryKind.Span => (OtlpItem.Traces, 9), // Span.attributes
            EntryKind.Metric => (OtlpItem.Metrics, 12), // Metric.metadata
            _ => (OtlpItem.Logs, 6), // LogRecord.attributes
        };
        OtlpItem.WriteHead(value.Stored.Resource.Span, value.Stored.Scope.Span, output);
        output.Write(value.Stored.Record.Span);
        OtlpMarks.Write(attributes, context, value, output);
        return group;
    }
}
