namespace Muniment.Policy.Evaluation;

/// <summary>Who asks.</summary>
public sealed record DecisionCaller
{
    /// <summary>Id of the API key.</summary>
    public string? KeyId { get; init; }

    /// <summary>The actor's id; null for the user's or the key's.</summary>
    public string? ActorId { get; init; }

    /// <summary><c>user|agent|service|key</c></summary>
    public string? ActorType { get; init; }

    /// <summary>The human.</summary>
    public string? User { get; init; }

    /// <summary>The project.</summary>
    public string? Project { get; init; }

    /// <summary><c>claude-code|codex|…</c></summary>
    public string? Agent { get; init; }

    /// <summary>The session.</summary>
    public string? Session { get; init; }

    /// <summary>The address it came from.</summary>
    public string? Address { get; init; }

    /// <summary>Which of <c>user</c> and <c>project</c> the key vouches for.</summary>
    public IReadOnlyList<string> Verified { get; init; } = [];
}
