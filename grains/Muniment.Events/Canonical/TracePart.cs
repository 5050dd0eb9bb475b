namespace Muniment.Events.Canonical;

/// <summary>Correlation ids. Members are named after the contract's JSON fields.</summary>
public sealed class TracePart
{
    /// <summary><c>trace_id</c></summary>
    public string? TraceId { get; set; }
    /// <summary><c>span_id</c></summary>
    public string? SpanId { get; set; }
    /// <summary><c>session</c></summary>
    public string? Session { get; set; }
    /// <summary><c>turn</c></summary>
    public string? Turn { get; set; }
    /// <summary><c>correlation</c></summary>
    public string? Correlation { get; set; }
    /// <summary><c>request</c></summary>
    public string? Request { get; set; }
}
