using System.Buffers;
using Muniment.Events.Otlp;

namespace Muniment.Delivery.Kinds.OtlpHttp;

/// <summary>A composed request as OTLP/JSON.</summary>
internal static class OtlpJson
{
    public static ReadOnlyMemory<byte> FromProto(ReadOnlySpan<byte> request, byte group)
    {
        ArrayBufferWriter<byte> json = new(request.Length * 2);
        OtlpWriter.WriteJson(group switch { OtlpItem.Traces => OtlpSignal.Traces, OtlpItem.Metrics => OtlpSignal.Metrics, _ => OtlpSignal.Logs }, request, json);
        return json.WrittenMemory;
    }
}
