using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Canonical.Fields;
using Muniment.Policy.Predicates.Matching;
using Muniment.Policy.Predicates.Values;

namespace Muniment.Policy.Predicates;

/// <summary>
/// Finds the index terms that equalities imply. Comparing ignores case and terms do not, so a value counts only when its case is known: words of a closed
/// set, hex ids, numbers, texts without letters, and anything under <c>|cased</c>.
/// </summary>
internal sealed class TermPlanner(FieldSource field, Modifiers modifiers)
{
    public ImmutableArray<TermClause> Clauses(IReadOnlyList<RuleNode> values)
    {
        if (field.Term is not { } term || (modifiers & ~(Modifiers.All | Modifiers.Cased)) != 0)
        {
            return [];
        }

        var found = new List<PredicateTerm>(values.Count);
        foreach (RuleNode value in values)
        {
            if (ExactValue(value) is { } text)
            {
                found.Add(new PredicateTerm(term, text));
            }
            else if (!modifiers.HasFlag(Modifiers.All))
            {
                return [];
            }
        }

        return modifiers.HasFlag(Modifiers.All)
            ? [.. found.Select(t => new TermClause([t]))]
            : [new TermClause([.. found.Distinct()])];
    }

    /// <summary>The only value an event can hold when it matches; null when there are several or none.</summary>
    private string? ExactValue(RuleNode value)
    {
        if (value.Kind == RuleNodeKind.Number)
        {
            return field.Type == FieldType.Integer && FieldValue.OfNumber(value.Text) is { Kind: FieldKind.Integer } number ? FieldValue.Of((long?)number.Integer).AsText() : null;
        }

        if (value.Kind != RuleNodeKind.Text || SigmaText.Plain(value.Text) is not { Length: > 0 } text)
        {
            return null;
        }

        if (modifiers.HasFlag(Modifiers.Cased))
        {
            return text;
        }

        if (field.Words is { } words)
        {
            return words.Find(text.ToLowerInvariant());
        }

        return field.Term == TermField.Trace ? text.ToLowerInvariant() : text.AsSpan().IndexOfAnyExceptInRange('\x01', '@') < 0 ? text : null;
    }
}
