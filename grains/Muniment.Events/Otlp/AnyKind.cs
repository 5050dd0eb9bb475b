namespace Muniment.Events.Otlp;

/// <summary>Which member of an <c>AnyValue</c> is set.</summary>
internal enum AnyKind : byte
{
    Empty,
    String,
    Bool,
    Int,
    Double,
    Array,
    KeyValueList,
    Bytes,
}
