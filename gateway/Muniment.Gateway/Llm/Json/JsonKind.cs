namespace Muniment.Gateway.Llm.Json;

/// <summary>What a node of a <see cref="JsonTape"/> is.</summary>
internal enum JsonKind : byte
{
    /// <summary>An object.</summary>
    Object,
    /// <summary>An array.</summary>
    Array,
    /// <summary>A string.</summary>
    String,
    /// <summary>A number.</summary>
    Number,
    /// <summary><c>true</c>, <c>false</c> or <c>null</c>.</summary>
    Literal,
}
