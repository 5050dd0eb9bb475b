using System.Collections.Immutable;
using Muniment.Policy.Predicates;

namespace Muniment.Policy.Documents.Reading;

/// <summary>Collects errors, so that one answer names them all.</summary>
internal sealed class ErrorList
{
    private readonly List<PolicyError> errors = [];

    public bool Any => errors.Count > 0;

    public void Add(RuleNode at, string message) => Add(at.Line, at.Column, at.Path, message);

    public void Add(RuleMember at, string message) => Add(at.Line, at.Column, at.Value.Path, message);

    public void Add(int line, int column, string field, string message)
    {
        // Counted no further than is answered, so that a document full of mistakes costs no more than one.
        if (errors.Count < 10 * PolicyLimits.MaxErrors)
        {
            errors.Add(new PolicyError(line, column, field, message));
        }
    }

    public ImmutableArray<PolicyError> Sorted() => [.. errors.OrderBy(e => e.Line).ThenBy(e => e.Column).Take(PolicyLimits.MaxErrors)];
}
