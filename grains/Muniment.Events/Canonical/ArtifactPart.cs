namespace Muniment.Events.Canonical;

/// <summary>What was acted with. Members are named after the contract's JSON fields.</summary>
public sealed class ArtifactPart
{
    /// <summary><c>kind</c></summary>
    public string? Kind { get; set; }
    /// <summary><c>name</c></summary>
    public string? Name { get; set; }
    /// <summary><c>version</c></summary>
    public string? Version { get; set; }
    /// <summary><c>digest</c></summary>
    public string? Digest { get; set; }
}
