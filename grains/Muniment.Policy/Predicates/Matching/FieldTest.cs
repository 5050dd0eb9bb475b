using System.Collections.Immutable;
using Muniment.Events.Canonical;
using Muniment.Events.Canonical.Fields;
using Muniment.Policy.Predicates.Values;

namespace Muniment.Policy.Predicates.Matching;

/// <summary>One field against its values: any of them, or with <c>|all</c> each. A field with several values matches when one of its values does.</summary>
internal sealed class FieldTest(EventField field, ImmutableArray<ValueTest> values, bool all, ImmutableArray<TermClause> clauses) : EventTest
{
    public override ImmutableArray<TermClause> Clauses { get; } = clauses;

    public override bool Matches(CanonicalEvent e)
    {
        FieldValue value = field.Read(e);
        foreach (ValueTest test in values)
        {
            if (test.Matches(value) != all)
            {
                return !all;
            }
        }

        return all;
    }
}

/// <summary><c>|exists</c></summary>
internal sealed class ExistsTest(EventField field, bool expected) : EventTest
{
    public override bool Matches(CanonicalEvent e) => field.Read(e).Kind != FieldKind.Missing == expected;
}

/// <summary><c>|fieldref</c>: compares two fields of the same event as texts; never true when either is absent.</summary>
internal sealed class FieldReferenceTest(EventField field, EventField other, TextPlace place, bool cased) : EventTest
{
    public override bool Matches(CanonicalEvent e)
    {
        FieldValue left = field.Read(e);
        FieldValue right = other.Read(e);
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
                    return true;
                }
            }
        }

        return false;
    }
}
