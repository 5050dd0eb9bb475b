using Muniment.Events.Canonical.Fields;

namespace Muniment.Policy.Predicates;

/// <summary>Which fields a predicate may name.</summary>
/// <param name="Resolve">Gives the field of a name, or null when there is none.</param>
public sealed record PredicateOptions(Func<string, EventField?> Resolve)
{
    /// <summary>The canonical fields.</summary>
    public static PredicateOptions Events { get; } = new(name => EventFields.TryResolve(name, out EventField? field) ? field : null);
}
