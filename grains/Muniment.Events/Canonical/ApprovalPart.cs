namespace Muniment.Events.Canonical;

/// <summary>Who approved. Members are named after the contract's JSON fields.</summary>
public sealed class ApprovalPart
{
    /// <summary><c>by</c></summary>
    public string? By { get; set; }
    /// <summary><c>at</c></summary>
    public string? At { get; set; }
    /// <summary><c>source</c></summary>
    public string? Source { get; set; }
    /// <summary><c>request</c></summary>
    public string? Request { get; set; }
}
