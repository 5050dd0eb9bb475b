using System.Collections.Immutable;
using Muniment.Events;
using Muniment.Events.Blocks;
using Muniment.Events.Canonical;
using Muniment.Events.Terms;
using Muniment.Journal;
using Muniment.Policy.Predicates;

namespace Muniment.Gateway.Query.Filters;

/// <summary>
/// Which events a reader asked for. Immutable; all conditions must hold. It says twice what it wants: <see cref="ForBlocks"/> to the index, which leaves out
/// blocks, and <see cref="Matches"/> of each event.
/// </summary>
public sealed record EventFilter
{
    private readonly ImmutableArray<RowNeedles> probes = [];

    /// <summary>Everything but metrics.</summary>
    public static EventFilter All { get; } = new();

    /// <summary>Fields with the values of which one must be there.</summary>
    public ImmutableArray<FieldCondition> Fields { get; init; } = [];

    /// <summary>Smallest <c>ts</c>, Unix ns.</summary>
    public long SinceNs { get; init; } = long.MinValue;

    /// <summary><c>ts</c> lies before this, Unix ns.</summary>
    public long UntilNs { get; init; } = long.MaxValue;

    /// <summary>Smallest time of receipt, Unix ns.</summary>
    public long ReceivedSinceNs { get; init; } = long.MinValue;

    /// <summary>Receipt lies before this, Unix ns.</summary>
    public long ReceivedUntilNs { get; init; } = long.MaxValue;

    /// <summary>Case-folded words, all of which must occur.</summary>
    public ImmutableArray<string> Words
    {
        get;
        init
        {
            field = value;
            probes = [.. value.Select(WordNeedles.For).OfType<RowNeedles>()];
        }
    } = [];

    /// <summary>The predicate of <c>where</c>.</summary>
    public Predicate? Where { get; init; }

    /// <summary>Whether metrics are asked for; otherwise they are left out.</summary>
    public bool Metrics { get; init; }

    /// <summary>Whether an entry can match by what is known without reading it.</summary>
    public bool MayMatch(in StoredEvent stored)
    {
        if ((stored.Kind == EntryKind.Metric && !Metrics) || stored.ReceivedNs < ReceivedSinceNs || stored.ReceivedNs >= ReceivedUntilNs)
        {
            return false;
        }

        foreach (FieldCondition field in Fields)
        {
            if (!field.MayMatch(stored))
            {
                return false;
            }
        }

        foreach (RowNeedles probe in probes)
        {
            if (!probe.MayBeIn(stored))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether an event matches. Give it as the reader may see it (masked).</summary>
    public bool Matches(CanonicalEvent e)
    {
        if (e.TimeNs < SinceNs || e.TimeNs >= UntilNs || e.ReceivedNs < ReceivedSinceNs || e.ReceivedNs >= ReceivedUntilNs || (e.Kind == EntryKind.Metric && !Metrics))
        {
            return false;
        }

        foreach (FieldCondition field in Fields)
        {
            if (!field.Matches(e))
            {
                return false;
            }
        }

        return (Where is null || Where.Matches(e)) && (Words.IsEmpty || WordMatcher.ContainsAll(e, Words));
    }

    /// <summary>The same as conditions on blocks.</summary>
    public BlockFilter ForBlocks(TermHasher hasher)
    {
        var terms = ImmutableArray.CreateBuilder<ImmutableArray<ulong>>();
        foreach (FieldCondition field in Fields)
        {
            terms.Add(field.Terms(hasher));
        }

        foreach (ImmutableArray<PredicateTerm> clause in Where?.RequiredTerms ?? [])
        {
            terms.Add([.. clause.Select(t => hasher.Hash(t.Field, System.Text.Encoding.UTF8.GetBytes(t.Value)))]);
        }

        // The first condition is what the reader asked for; those of bound keys come last and say less. Of words the longest is the rarest.
        RowNeedles? needles = Fields.Select(f => f.Needles).FirstOrDefault(n => n is not null) ?? probes.MaxBy(p => p.AnyOf[0].Length);
        return new BlockFilter(terms.ToImmutable(), Words, SinceNs, UntilNs, needles) { ReceivedFromNs = ReceivedSinceNs };
    }
}
