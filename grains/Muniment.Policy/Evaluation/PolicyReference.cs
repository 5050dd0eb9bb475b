namespace Muniment.Policy.Evaluation;

/// <summary>The rule that decided.</summary>
/// <param name="Id">The policy's name; <c>default</c> when no policy covers the caller.</param>
/// <param name="Version">Its version; 0 when no policy covers the caller.</param>
/// <param name="Rule">The rule or limit; <c>default</c> when none matched, <c>uncovered</c> when it was denied because parts cannot be inspected.</param>
/// <param name="Digest">The version's digest; empty when no policy covers the caller.</param>
public sealed record PolicyReference(string Id, int Version, string Rule, string Digest = "")
{
    /// <summary>The rule's name when no rule matched.</summary>
    public const string DefaultRule = "default";

    /// <summary>The rule's name when uncovered parts decided.</summary>
    public const string UncoveredRule = "uncovered";

    /// <summary>No policy covers the caller.</summary>
    public static PolicyReference None { get; } = new("default", 0, DefaultRule);
}
