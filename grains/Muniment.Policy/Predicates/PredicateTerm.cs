using Muniment.Events;

namespace Muniment.Policy.Predicates;

/// <summary>An index term that an event must have for a predicate to hold.</summary>
/// <param name="Field">Index field.</param>
/// <param name="Value">The value exactly as events hold it.</param>
public readonly record struct PredicateTerm(TermField Field, string Value);
