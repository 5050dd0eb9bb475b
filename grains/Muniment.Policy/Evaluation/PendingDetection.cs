using System.Collections.Immutable;
using Muniment.Policy.Documents;

namespace Muniment.Policy.Evaluation;

/// <summary>A rule whose conditions hold and which matches when one of its detectors finds something.</summary>
/// <param name="Policy">The rule.</param>
/// <param name="Mode">Whether its policy acts.</param>
/// <param name="Then">What it asks for: <c>redact</c> has the finds replaced, any other effect only looks.</param>
/// <param name="Detect">Its detectors.</param>
/// <param name="IsClosed">Whether what a detector could not look at counts as if it had found something (<c>fail: closed</c>).</param>
public sealed record PendingDetection(PolicyReference Policy, PolicyMode Mode, PolicyEffect Then, ImmutableArray<DetectorReference> Detect, bool IsClosed = true);

/// <summary>What one detector of a document found in all texts together.</summary>
/// <param name="Count">Finds.</param>
/// <param name="Failure">Why it could not run to its end; null when it did. Finds count all the same.</param>
public readonly record struct DetectorFinding(int Count, string? Failure = null);
