namespace Muniment.Events.Otlp.Wire;

/// <summary>What is wrong with protobuf bytes.</summary>
internal enum WireFault : byte
{
    None,
    Truncated,
    VarintTooLong,
    LengthBeyondEnd,
    BadTag,
    Group,
    WrongWireType,
    InvalidUtf8,
    RaggedPacked,
    TooDeep,
    TooManyAttributes,
    TooManyRecords,
}
