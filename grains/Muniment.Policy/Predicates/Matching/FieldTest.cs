using System.Collections.Immutable;
using Muniment.Events.Canonical.Fields;
using Muniment.Policy.Predicates.Values;

namespace Muniment.Policy.Predicates.Matching;

/// <summary>One field against its values: any of them, or with <c>|all</c> each. A field with several values matches when one of its values does.</summary>
internal sealed class FieldTest(FieldSource field, ImmutableArray<ValueTest> values, bool all, ImmutableArray<TermClause> clauses) : EventTest
{
    public override ImmutableArray<TermClause> Clauses { get; } = clauses;

    public override Truth Test(in PredicateSubject subject)
    {
        if (!field.TryRead(subject, out FieldValue value))
        {
            return Truth.Unknown;
        }

        foreach (ValueTest test in values)
        {
            if (test.Matches(value) != all)
            {
                return Truths.Of(!all);
            }
        }

        return Truths.Of(all);
    }
}

/// <summary><c>|exists</c></summary>
internal sealed class ExistsTest(FieldSource field, bool expected) : EventTest
{
    public override Truth Test(in PredicateSubject subject) =>
        field.TryRead(subject, out FieldValue value) ? Truths.Of(value.Kind != FieldKind.Missing == expected) : Truth.Unknown;
}

/// <summary><c>|fieldref</c>: compares two fields of the same event as texts; never true when either is absent.</summary>
internal sealed class FieldReferenceTest(FieldSource field, FieldSource other, TextPlace place, bool cased) : EventTest
{
    public override Truth Test(in PredicateSubject subject)
    {
        if (!field.TryRead(subject, out FieldValue left) || !other.TryRead(subject, out FieldValue right))
        {
            return Truth.Unknown;
        }

        StringComparison comparison = cased ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        foreach (FieldValue a in left.Many ?? [left])
        {
            foreach (FieldValue b in right.Many ?? [right])
            {
                if (a.AsText() is { } x && b.AsText() is { } y && place switch
                {
                    TextPlace.Start => x.StartsWith(y, comparison),
                    TextPlace.End => x.EndsWith(y, comparison),
                    TextPlace.Anywhere => x.Contains(y, comparison),
                    _ => x.Equals(y, comparison),
                })
                {
                    return Truth.True;
                }
            }
        }

        return Truth.False;
    }
}
