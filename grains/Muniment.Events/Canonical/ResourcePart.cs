namespace Muniment.Events.Canonical;

/// <summary>Where in the organisation. Members are named after the contract's JSON fields.</summary>
public sealed class ResourcePart
{
    /// <summary><c>workspace</c></summary>
    public string? Workspace { get; set; }
    /// <summary><c>project</c></summary>
    public string? Project { get; set; }
    /// <summary><c>team</c></summary>
    public string? Team { get; set; }
    /// <summary><c>environment</c></summary>
    public string? Environment { get; set; }
    /// <summary><c>repo</c></summary>
    public string? Repo { get; set; }
    /// <summary><c>ticket</c></summary>
    public string? Ticket { get; set; }
    /// <summary><c>incident</c></summary>
    public string? Incident { get; set; }
}
