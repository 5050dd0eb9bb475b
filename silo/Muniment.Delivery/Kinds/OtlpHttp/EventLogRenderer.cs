using System.Buffers;
using Muniment.Delivery.Batches;
using Muniment.Events.Formats;

namespace Muniment.Delivery.Kinds.OtlpHttp;

/// <summary>
/// An event as a log record. Format <c>otlp</c>: one attribute for each canonical field under its dotted name, <c>details</c> and lists as JSON text, and a short sentence as
/// body; another format: its text as body.
/// </summary>
internal sealed class EventLogRenderer : IEventRenderer
{
    private const string ScopeName = "muniment";

    private readonly RenderContext _context;
    private readonly byte[] _resource;
    private readonly byte[] _scope;
    private readonly IEventFormat _record;

    public EventLogRenderer(RenderContext context)
    {
        _context = context;
        _record = context.Config.Format == "otlp" ? context.Format! : EventFormats.OtlpAround(context.Format!);
        ArrayBufferWriter<byte> attributes = new();
        Proto.WriteAttribute(1, "service.name", "muniment", attributes);
        Proto.WriteAttribute(1, "muniment.tenant", context.Tenant, attributes);
        ArrayBufferWriter<byte> resource = new();
        Proto.WriteBytes(1, attributes.WrittenSpan, resource); // ResourceLogs.resource
        _resource = resource.WrittenSpan.ToArray();
        ArrayBufferWriter<byte> name = new();
        Proto.WriteText(1, ScopeName, name);
        ArrayBufferWriter<byte> scope = new();
        Proto.WriteBytes(1, name.WrittenSpan, scope); // ScopeLogs.scope
        _scope = scope.WrittenSpan.ToArray();
    }

    public byte Render(in OutgoingEvent value, IBufferWriter<byte> output)
    {
        OtlpItem.WriteHead(_resource, _scope, output);
        _record.Write(value.Event!, _context.MarksOf(value), output);
        return OtlpItem.Logs;
    }
}
