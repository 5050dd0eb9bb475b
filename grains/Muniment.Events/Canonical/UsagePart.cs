namespace Muniment.Events.Canonical;

/// <summary>Token counts, disjoint but for reasoning, which is a part of output. Members are named after the contract's JSON fields.</summary>
public sealed class UsagePart
{
    /// <summary><c>input</c></summary>
    public long? Input { get; set; }
    /// <summary><c>cache_read</c></summary>
    public long? CacheRead { get; set; }
    /// <summary><c>cache_write</c></summary>
    public long? CacheWrite { get; set; }
    /// <summary><c>output</c></summary>
    public long? Output { get; set; }
    /// <summary><c>reasoning</c></summary>
    public long? Reasoning { get; set; }
    /// <summary><c>cost</c></summary>
    public CostPart? Cost { get; set; }
}
