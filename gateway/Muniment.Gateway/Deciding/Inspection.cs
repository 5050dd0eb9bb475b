using System.Collections.Immutable;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Documents;

namespace Muniment.Gateway.Deciding;

/// <summary>What detectors found in the texts of a request or an answer.</summary>
public sealed record Inspection
{
    /// <summary>Most fields that are named when several inspections are added up.</summary>
    public const int MaxFields = 1000;

    /// <summary>Nothing was looked for.</summary>
    public static Inspection None { get; } = new();

    /// <summary>What one detector of a policy found.</summary>
    public Func<DetectorReference, DetectorFinding> Find { get; init; } = static _ => default;

    /// <summary>Finds by type (<c>EMAIL</c>) in ordinal order, also of types that were looked for and not found.</summary>
    public ImmutableArray<KeyValuePair<string, int>> Counts { get; init; } = [];

    /// <summary>Where they were found.</summary>
    public ImmutableArray<FieldFinding> Fields { get; init; } = [];

    /// <summary>Version of the detector set; null when none ran.</summary>
    public string? DetectorSet { get; init; }

    /// <summary>Bytes of text that were looked at.</summary>
    public long ScannedBytes { get; init; }

    /// <summary>Parts that were not, beside those that the request names itself.</summary>
    public ImmutableArray<UncoveredPart> Unscanned { get; init; } = [];

    /// <summary>Whether something was replaced.</summary>
    public bool IsAltered { get; init; }

    /// <summary>This and what was found afterwards, added up; <see cref="Find"/> is the later one's.</summary>
    public Inspection With(Inspection later)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach ((string type, int count) in Counts.Concat(later.Counts))
        {
            counts[type] = counts.GetValueOrDefault(type) + count;
        }

        return later with
        {
            Counts = [.. counts],
            Fields = [.. Fields.Concat(later.Fields).Take(MaxFields)],
            DetectorSet = later.DetectorSet ?? DetectorSet,
            ScannedBytes = ScannedBytes + later.ScannedBytes,
            Unscanned = [.. Unscanned.Concat(later.Unscanned).Distinct()],
            IsAltered = IsAltered || later.IsAltered,
        };
    }
}

/// <summary>How often a type was found in one field.</summary>
/// <param name="Pointer">JSON pointer.</param>
/// <param name="Type">Such as <c>EMAIL</c>.</param>
/// <param name="Count">How often.</param>
public readonly record struct FieldFinding(string Pointer, string Type, int Count);
