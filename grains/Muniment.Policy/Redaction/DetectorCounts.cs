using System.Collections.Immutable;
using Muniment.Policy.Detectors;

namespace Muniment.Policy.Redaction;

/// <summary>How often each detector of a set hit; those that ran without a hit count 0. Not safe to share between threads while it grows.</summary>
public sealed class DetectorCounts(DetectorSet set)
{
    private int[]? _counts;

    /// <summary>The detectors that ran.</summary>
    public DetectorSet Set { get; } = set;

    /// <summary>Hits of all detectors together.</summary>
    public int Total { get; private set; }

    /// <summary>Hits of one type; 0 for a type that did not run.</summary>
    public int this[string type]
    {
        get
        {
            int sum = 0;
            for (int i = 0; _counts is not null && i < _counts.Length; i++)
            {
                sum += _counts[i] > 0 && Set.TypeOf(i) == type ? _counts[i] : 0;
            }

            return sum;
        }
    }

    /// <summary>Hits of a detector, a customer's pattern, or all detectors of a group.</summary>
    public int Of(string name) => _counts is null ? 0 : DetectorCatalog.TryFind(name, out ImmutableArray<int> detectors) ? detectors.Sum(d => _counts[d]) : this[DetectorSet.TypeOf(name)];

    /// <summary>Every type that ran, also those without a hit.</summary>
    public ImmutableArray<KeyValuePair<string, int>> All() => Collect(zeros: true);

    /// <summary>The types that hit.</summary>
    public ImmutableArray<KeyValuePair<string, int>> Hits() => Total == 0 ? [] : Collect(zeros: false);

    /// <summary>
    /// The short form for a record: the types that hit, and every name that the set was made from (in capitals, groups as groups) with 0 when nothing of it hit.
    /// So it says of each configured detector that it ran. In ordinal order of the types.
    /// </summary>
    public ImmutableArray<KeyValuePair<string, int>> Summary()
    {
        if (Total == 0)
        {
            return Set.Quiet;
        }

        ImmutableArray<KeyValuePair<string, int>>.Builder found = ImmutableArray.CreateBuilder<KeyValuePair<string, int>>();
        found.AddRange(Hits());
        foreach (string name in Set.Names)
        {
            if (Of(name) == 0)
            {
                found.Add(new(DetectorSet.TypeOf(name), 0));
            }
        }

        return [.. found.DistinctBy(count => count.Key).OrderBy(count => count.Key, StringComparer.Ordinal)];
    }

    /// <summary>Adds the hits of the same set from another text.</summary>
    public void Add(DetectorCounts other)
    {
        for (int i = 0; other._counts is not null && i < other._counts.Length; i++)
        {
            Add(i, other._counts[i]);
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _counts.AsSpan().Clear();
        Total = 0;
    }

    internal void Add(int detector, int count = 1)
    {
        _counts ??= new int[Set.IndexCount];
        _counts[detector] += count;
        Total += count;
    }

    private ImmutableArray<KeyValuePair<string, int>> Collect(bool zeros)
    {
        OrderedDictionary<string, int> found = new(StringComparer.Ordinal);
        for (int i = 0; i < Set.IndexCount; i++)
        {
            int count = _counts?[i] ?? 0;
            if (count > 0 || (zeros && Set.Runs(i)))
            {
                string type = Set.TypeOf(i);
                found[type] = found.GetValueOrDefault(type) + count; // patterns of one name count together
            }
        }

        return [.. found];
    }
}
