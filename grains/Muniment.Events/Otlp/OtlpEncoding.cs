namespace Muniment.Events.Otlp;

/// <summary>How a request came, and therefore how it is answered.</summary>
public enum OtlpEncoding : byte
{
    /// <summary><c>application/x-protobuf</c>, or gRPC.</summary>
    Protobuf,

    /// <summary><c>application/json</c></summary>
    Json,
}
