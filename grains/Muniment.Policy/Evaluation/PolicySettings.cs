using Muniment.Policy.Documents;

namespace Muniment.Policy.Evaluation;

/// <summary>Settings in force for a caller, out of every acting policy that covers it.</summary>
/// <param name="Uncovered">The strictest that is said; null when none says it: parts pass and are recorded, unknown paths are denied.</param>
/// <param name="Reasoning">The strictest that is said, else <c>drop</c>.</param>
/// <param name="Evidence">The fullest that is said, else <c>none</c>.</param>
public sealed record PolicySettings(UncoveredMode? Uncovered, ReasoningMode Reasoning, EvidenceMode Evidence)
{
    /// <summary>When no policy says anything.</summary>
    public static PolicySettings Usual { get; } = new(null, ReasoningMode.Drop, EvidenceMode.None);
}
