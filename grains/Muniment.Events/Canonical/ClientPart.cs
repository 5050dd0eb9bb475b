namespace Muniment.Events.Canonical;

/// <summary>Where the actor was. Members are named after the contract's JSON fields.</summary>
public sealed class ClientPart
{
    /// <summary><c>address</c></summary>
    public string? Address { get; set; }
    /// <summary><c>place</c></summary>
    public string? Place { get; set; }
}
