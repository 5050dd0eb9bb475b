using System.Collections.Immutable;
using Muniment.Policy.Evaluation;

namespace Muniment.Policy.Trials;

/// <summary>What came of one case.</summary>
/// <param name="Trial">The case.</param>
/// <param name="Verdict">The verdict, detectors run.</param>
/// <param name="Content">The text of <c>content</c> after redaction.</param>
/// <param name="Problems">What was expected otherwise; empty when the case passed.</param>
public sealed record TrialOutcome(PolicyTrial Trial, Verdict Verdict, string Content, ImmutableArray<string> Problems)
{
    /// <summary>Whether all is as expected.</summary>
    public bool IsOk => Problems.IsEmpty;
}
