using System.Collections.Immutable;

namespace Muniment.Policy.Redaction;

/// <summary>A redacted JSON document.</summary>
/// <param name="Json">The document; the very bytes that were given when nothing was found.</param>
/// <param name="Changed">Whether anything was replaced.</param>
/// <param name="Counts">Hits of each detector that ran.</param>
/// <param name="Fields">Where they were, at most <see cref="RedactedField.MaxCount"/>.</param>
/// <param name="Failed">Types of customers' patterns that took too much work and so found nothing.</param>
public sealed record JsonRedactionResult(ReadOnlyMemory<byte> Json, bool Changed, DetectorCounts Counts, ImmutableArray<RedactedField> Fields, ImmutableArray<string> Failed);
