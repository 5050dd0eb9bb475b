using Muniment.Events.Canonical.Fields;
using Muniment.Policy.Predicates.Matching;

namespace Muniment.Policy.Predicates;

/// <summary>Which fields a predicate may name.</summary>
/// <param name="Resolve">Gives the field of a name, or null when there is none.</param>
/// <param name="IsDecision">Whether a decision's own fields exist too: <c>content</c>, <c>tool.args.X</c>, and permission modes as values of <c>mode</c>.</param>
public sealed record PredicateOptions(Func<string, EventField?> Resolve, bool IsDecision = false)
{
    /// <summary>The canonical fields.</summary>
    public static PredicateOptions Events { get; } = new(name => EventFields.TryResolve(name, out EventField? field) ? field : null);

    /// <summary>The canonical fields and those of a decision.</summary>
    public static PredicateOptions Decisions { get; } = Events with { IsDecision = true };

    /// <summary>The source of a field's values; null when there is no such field.</summary>
    internal FieldSource? Source(string name)
    {
        if (IsDecision)
        {
            if (name == ContentSource.ContentName)
            {
                return new ContentSource();
            }

            if (name == ModeSource.ModeName)
            {
                return new ModeSource();
            }

            if (name == ToolArgsSource.Root || (name.StartsWith(ToolArgsSource.Root + ".", StringComparison.Ordinal) && name.Length > ToolArgsSource.Root.Length + 1))
            {
                return new ToolArgsSource(name);
            }
        }

        return Resolve(name) is { } field ? new EventFieldSource(field) : null;
    }
}
