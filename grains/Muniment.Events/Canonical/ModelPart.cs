namespace Muniment.Events.Canonical;

/// <summary>The model. Members are named after the contract's JSON fields.</summary>
public sealed class ModelPart
{
    /// <summary><c>provider</c></summary>
    public string? Provider { get; set; }
    /// <summary><c>requested</c></summary>
    public string? Requested { get; set; }
    /// <summary><c>served</c></summary>
    public string? Served { get; set; }
}
