using System.Collections.Immutable;
using Muniment.Policy.Detectors;
using Muniment.Policy.Detectors.Scanning;

namespace Muniment.Policy.Redaction;

/// <summary>What the redaction of one document found so far.</summary>
internal sealed class RedactionTally(DetectorSet set, DetectorCounts counts)
{
    private readonly List<RedactedField> _fields = [];
    private Dictionary<string, int>? _names;
    private uint _failed;

    public DetectorCounts Counts => counts;

    /// <summary>Types of the patterns that failed.</summary>
    public ImmutableArray<string> Failed => TextRedactor.FailedTypes(set, _failed);

    /// <summary>What was found where.</summary>
    public ImmutableArray<RedactedField> Fields() => [.. _fields];

    /// <summary>Takes note of the hits of one string: each is named once with how often it was replaced.</summary>
    public void Note(string pointer, HitList hits)
    {
        _failed |= hits.Failed;
        foreach ((int detector, int count) in hits.Replaced)
        {
            if (_fields.Count < RedactedField.MaxCount)
            {
                _fields.Add(new RedactedField(pointer, set.TypeOf(detector), count));
            }
        }
    }

    /// <summary>Two members must not get the same name.</summary>
    public string UniqueName(string name)
    {
        _names ??= new Dictionary<string, int>(StringComparer.Ordinal);
        int count = _names[name] = _names.GetValueOrDefault(name) + 1;
        return count == 1 ? name : $"{name}_{count}";
    }
}
