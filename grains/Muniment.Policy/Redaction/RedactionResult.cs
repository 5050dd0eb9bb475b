using System.Collections.Immutable;

namespace Muniment.Policy.Redaction;

/// <summary>A redacted text.</summary>
/// <param name="Text">The text with placeholders; the very same when nothing was found.</param>
/// <param name="Counts">Hits of each detector that ran.</param>
/// <param name="Failed">Types of customers' patterns that took too much work and so found nothing: what <c>fail</c> of the rule decides about. Empty as a rule.</param>
public sealed record RedactionResult(string Text, DetectorCounts Counts, ImmutableArray<string> Failed)
{
    /// <summary>Whether anything was replaced.</summary>
    public bool Changed => Counts.Total > 0;
}
