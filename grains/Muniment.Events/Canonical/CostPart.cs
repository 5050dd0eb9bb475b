namespace Muniment.Events.Canonical;

/// <summary>Money. The amount is a decimal as text. Members are named after the contract's JSON fields.</summary>
public sealed class CostPart
{
    /// <summary><c>amount</c></summary>
    public string? Amount { get; set; }
    /// <summary><c>unit</c></summary>
    public string? Unit { get; set; }
    /// <summary><c>source</c></summary>
    public string? Source { get; set; }
}
