using System.Collections.Concurrent;
using System.Collections.Immutable;
using Muniment.Policy.Detectors;
using Muniment.Policy.Documents;

namespace Muniment.Gateway.Llm.Redaction;

/// <summary>Detectors of policies, compiled once and kept. Bounded: policies name few sets. Thread-safe.</summary>
internal sealed class DetectorSets
{
    /// <summary>Most sets that are kept; more are compiled anew each time.</summary>
    public const int MaxSets = 1024;

    private readonly ConcurrentDictionary<string, DetectorSet> _sets = new(StringComparer.Ordinal);

    /// <summary>The set of some references. Policies were checked when they were published, so all of it compiles; what does not is left out and fails its rule.</summary>
    public DetectorSet Of(ImmutableArray<DetectorReference> references)
    {
        if (references.IsEmpty)
        {
            return DetectorSet.Empty;
        }

        string key = string.Join('\n', references.Select(reference => reference.Pattern is null ? reference.Name : reference.Name + "\t" + reference.Pattern));
        if (_sets.TryGetValue(key, out DetectorSet? known))
        {
            return known;
        }

        DetectorSet set = Compile(references);
        if (_sets.Count < MaxSets)
        {
            _sets.TryAdd(key, set);
        }

        return set;
    }

    private static DetectorSet Compile(ImmutableArray<DetectorReference> references)
    {
        CustomPattern[] patterns = [.. references.Where(r => r.Pattern is not null).DistinctBy(r => r.Name).Select(r => new CustomPattern(r.Name, r.Pattern!))];
        return DetectorSet.TryCreate(references.Where(r => r.Pattern is null).Select(r => r.Name), patterns, out _)
            ?? DetectorSet.TryCreate(references.Where(r => r.Pattern is null && DetectorCatalog.Names.Contains(r.Name)).Select(r => r.Name), [], out _)
            ?? DetectorSet.Empty;
    }
}
