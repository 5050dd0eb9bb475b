using System.Collections.Immutable;

namespace Muniment.Policy.Predicates.Matching;

/// <summary>A node of the compiled tree.</summary>
internal abstract class EventTest
{
    /// <summary>Clauses that hold for every event that matches; see <see cref="Predicate.RequiredTerms"/>.</summary>
    public virtual ImmutableArray<TermClause> Clauses => [];

    public abstract Truth Test(in PredicateSubject subject);
}

/// <summary>At least one of the terms is there.</summary>
internal sealed record TermClause(ImmutableArray<PredicateTerm> Terms);

/// <summary>All of them; true when there are none.</summary>
internal sealed class AllTest(ImmutableArray<EventTest> tests) : EventTest
{
    public override ImmutableArray<TermClause> Clauses { get; } = [.. tests.SelectMany(t => t.Clauses)];

    public override Truth Test(in PredicateSubject subject)
    {
        Truth least = Truth.True;
        foreach (EventTest test in tests)
        {
            Truth one = test.Test(subject);
            least = one < least ? one : least;
            if (least == Truth.False)
            {
                break;
            }
        }

        return least;
    }
}

/// <summary>At least one of them.</summary>
internal sealed class AnyTest(ImmutableArray<EventTest> tests) : EventTest
{
    /// <summary>Only when each branch has a clause: then one term of the union of their narrowest clauses is there.</summary>
    public override ImmutableArray<TermClause> Clauses { get; } = tests.Length > 0 && tests.All(t => t.Clauses.Length > 0)
        ? [new TermClause([.. tests.SelectMany(t => t.Clauses.MinBy(c => c.Terms.Length)!.Terms).Distinct()])]
        : [];

    public override Truth Test(in PredicateSubject subject)
    {
        Truth most = Truth.False;
        foreach (EventTest test in tests)
        {
            Truth one = test.Test(subject);
            most = one > most ? one : most;
            if (most == Truth.True)
            {
                break;
            }
        }

        return most;
    }
}

/// <summary>Not that one.</summary>
internal sealed class NotTest(EventTest test) : EventTest
{
    public override Truth Test(in PredicateSubject subject) => Truths.Not(test.Test(subject));
}
