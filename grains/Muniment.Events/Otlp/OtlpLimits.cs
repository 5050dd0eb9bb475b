namespace Muniment.Events.Otlp;

/// <summary>What one OTLP request may hold. Sizes of bodies are the receiver's business; these bound work and nesting per byte received.</summary>
public sealed record OtlpLimits
{
    /// <summary>The limits in use unless a receiver says otherwise.</summary>
    public static OtlpLimits Default { get; } = new();

    /// <summary>Most log records, spans or metrics of one request. An empty record costs 2 bytes on the wire and far more in memory.</summary>
    public int MaxRecords { get; init; } = 65_536;

    /// <summary>Most entries of one attribute list (or key-value list).</summary>
    public int MaxAttributes { get; init; } = 1_024;

    /// <summary>
    /// Deepest nesting of attribute values. A key-value list costs three protobuf messages a level, so 30 levels below the deepest field stay within the
    /// 100 messages at which Google's parsers stop: what we accept, every destination can read. It also keeps <c>details</c> below 64 JSON levels.
    /// </summary>
    public int MaxValueDepth { get; init; } = 30;
}
