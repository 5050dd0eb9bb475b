namespace Muniment.Events.Canonical;

/// <summary>The policy in force. Members are named after the contract's JSON fields.</summary>
public sealed class PolicyPart
{
    /// <summary><c>id</c></summary>
    public string? Id { get; set; }
    /// <summary><c>version</c></summary>
    public long? Version { get; set; }
    /// <summary><c>digest</c></summary>
    public string? Digest { get; set; }
    /// <summary><c>rule</c></summary>
    public string? Rule { get; set; }
}
