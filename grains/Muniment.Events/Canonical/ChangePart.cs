namespace Muniment.Events.Canonical;

/// <summary>What changed, as counts. Members are named after the contract's JSON fields.</summary>
public sealed class ChangePart
{
    /// <summary><c>files</c></summary>
    public long? Files { get; set; }
    /// <summary><c>added</c></summary>
    public long? Added { get; set; }
    /// <summary><c>removed</c></summary>
    public long? Removed { get; set; }
    /// <summary><c>commits</c></summary>
    public long? Commits { get; set; }
    /// <summary><c>prs</c></summary>
    public long? Prs { get; set; }
    /// <summary><c>tests</c></summary>
    public long? Tests { get; set; }
    /// <summary><c>incidents</c></summary>
    public long? Incidents { get; set; }
}
