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
    /// <summary>The text of the flat form when that was sent, so that <c>format=flat</c> gives the same text back (<c>bot</c> and <c>service:bot</c> mean the same actor).</summary>
    public string? Flat { get; set; }
    /// <summary>The human: <see cref="User"/>, else <see cref="Id"/> of an actor of type <c>user</c>. What the filter and the term <c>user</c> compare.</summary>
    public string? Human => User ?? (Type == "user" ? Id : null);
}
