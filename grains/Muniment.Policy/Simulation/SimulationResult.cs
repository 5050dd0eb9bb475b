using System.Collections.Immutable;

namespace Muniment.Policy.Simulation;

/// <summary>What would have been otherwise.</summary>
/// <param name="Evaluated">Decisions that were looked at.</param>
/// <param name="Changed">Those that surely would have had another result.</param>
/// <param name="Undecidable">Those of which it cannot be said, because what a rule needs was not kept. They count neither as changed nor as unchanged.</param>
/// <param name="UndecidableByRule">How many each rule made so.</param>
/// <param name="Transitions">Changes by result, most frequent first.</param>
/// <param name="Examples">The first of them.</param>
public sealed record SimulationResult(
    long Evaluated, long Changed, long Undecidable, ImmutableSortedDictionary<string, long> UndecidableByRule, ImmutableArray<SimulationTransition> Transitions, ImmutableArray<SimulationExample> Examples);

/// <summary>How many went from one result to another.</summary>
/// <param name="From"><c>allowed|modified|redacted|denied</c>, as recorded.</param>
/// <param name="To">The same words.</param>
/// <param name="Count">How many.</param>
public sealed record SimulationTransition(string From, string To, long Count);

/// <summary>One decision that would have been otherwise.</summary>
/// <param name="Seq">Its event.</param>
/// <param name="From">Recorded result.</param>
/// <param name="To">Result under the candidate.</param>
/// <param name="Rule">The candidate's rule that decides.</param>
public sealed record SimulationExample(long Seq, string From, string To, string Rule);
