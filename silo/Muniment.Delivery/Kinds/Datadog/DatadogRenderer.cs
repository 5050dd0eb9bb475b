using System.Buffers;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds.Datadog;

/// <summary>
/// One log: <c>timestamp</c> first (see <see cref="TimeWindow"/>), Datadog's reserved attributes, a sentence as <c>message</c>, <c>event_id</c>, and the event as
/// attribute <c>event</c>, where its own <c>source</c> cannot be taken for Datadog's.
/// </summary>
internal sealed class DatadogRenderer(RenderContext context) : IEventRenderer
{
    private readonly EventDocument _document = new(context);
    private readonly byte[] _fixed = Encoding.UTF8.GetBytes(
        $"\"ddsource\":\"muniment\",\"service\":{JsonSerializer.Serialize(context.Config.Text("service") ?? "muniment")},"
        + $"\"ddtags\":{JsonSerializer.Serialize(string.Join(',', context.Config.Texts("tags").Prepend("muniment_tenant:" + context.Tenant)))},\"status\":\"");

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        TimeWindow.Open(value.Event!.TimeNs, output);
        output.Write(_fixed);
        output.Write(Encoding.ASCII.GetBytes(EventLevel.Of(value.Event)));
        output.Write("\",\"message\":"u8);
        output.Write(JsonSerializer.SerializeToUtf8Bytes(EventSentence.Of(value.Event)));
        output.Write(",\"event_id\":"u8);
        output.Write(JsonSerializer.SerializeToUtf8Bytes(value.Id));
        output.Write(",\"event\":"u8);
        _document.Write(value, output);
        output.Write("},"u8);
        return 0;
    }
}
