namespace Muniment.Events.Canonical;

/// <summary>The agent that acted. Members are named after the contract's JSON fields.</summary>
public sealed class AgentPart
{
    /// <summary><c>kind</c></summary>
    public string? Kind { get; set; }
    /// <summary><c>version</c></summary>
    public string? Version { get; set; }
    /// <summary><c>surface</c></summary>
    public string? Surface { get; set; }
    /// <summary><c>instance</c></summary>
    public string? Instance { get; set; }
}
