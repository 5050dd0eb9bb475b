using System.Buffers;
using System.Text;
using System.Text.Json;
using Muniment.Delivery.Batches;
using Muniment.Events;

namespace Muniment.Delivery.Kinds.Elastic;

/// <summary>Two lines an event: <c>create</c> with index and id, and the document with <c>@timestamp</c>.</summary>
internal sealed class ElasticRenderer(RenderContext context) : IEventRenderer
{
    private readonly EventDocument _document = new(context);
    private readonly TenantId _tenant = TenantId.Parse(context.Tenant);
    private readonly byte[] _action = Encoding.UTF8.GetBytes(
        $"{{\"create\":{{\"_index\":{JsonSerializer.Serialize(context.Config.Text("data_stream") ?? ElasticKind.DefaultDataStream)},\"_id\":");

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        output.Write(_action);
        string id = value.N < 0 ? value.Id : ElasticId.Of(value.Id, context.Origin, _tenant, value.Stored.Seq); // a test event is no entry; its id is made for it alone
        output.Write(JsonSerializer.SerializeToUtf8Bytes(id));
        output.Write("}}\n"u8);
        if (context.Config.Format == "ecs")
        {
            _document.Write(value, output); // has its own @timestamp
            output.Write("\n"u8);
            return 0;
        }

        Span<byte> time = stackalloc byte[Timestamps.SizeBytes];
        Span<byte> head = stackalloc byte[Timestamps.SizeBytes + 24];
        "\"@timestamp\":\""u8.CopyTo(head);
        ReadOnlySpan<byte> written = Timestamps.Format(value.Event!.TimeNs, time);
        written.CopyTo(head[14..]);
        "\","u8.CopyTo(head[(14 + written.Length)..]);
        _document.Write(value, output, head[..(16 + written.Length)]);
        output.Write("\n"u8);
        return 0;
    }
}
