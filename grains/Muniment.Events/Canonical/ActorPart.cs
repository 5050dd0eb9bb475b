namespace Muniment.Events.Canonical;

/// <summary>Who acted. Members are named after the contract's JSON fields.</summary>
public sealed class ActorPart
{
    /// <summary><c>id</c></summary>
    public string? Id { get; set; }
    /// <summary><c>type</c></summary>
    public string? Type { get; set; }
    /// <summary><c>user</c></summary>
    public string? User { get; set; }
}
