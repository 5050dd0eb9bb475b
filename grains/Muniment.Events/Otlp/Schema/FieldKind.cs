namespace Muniment.Events.Otlp.Schema;

/// <summary>Protobuf type of a field, as far as OTLP uses them, with its OTLP/JSON form.</summary>
internal enum FieldKind : byte
{
    String,
    Bytes,

    /// <summary>Bytes that OTLP/JSON writes as hex: trace and span ids.</summary>
    Id,
    Bool,

    /// <summary>Varint; OTLP/JSON allows the number only, never the name.</summary>
    Enum,
    UInt32,
    Int64,
    UInt64,

    /// <summary>ZigZag varint.</summary>
    SInt32,
    Fixed32,
    Fixed64,

    /// <summary>Fixed64 that is a time, which plain JSON keeps as a string because it exceeds 2^53.</summary>
    Time,
    SFixed64,
    Double,
    Message,
}
