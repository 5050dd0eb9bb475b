namespace Muniment.Delivery.Kinds.OtlpHttp;

/// <summary>OTLP/JSON out of protobuf.</summary>
internal static class OtlpJson
{
    public static ReadOnlyMemory<byte> FromProto(ReadOnlySpan<byte> request, byte group) => throw new NotImplementedException();
}
