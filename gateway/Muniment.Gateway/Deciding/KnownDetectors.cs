using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Muniment.Policy.Detectors;
using Muniment.Policy.Documents;

namespace Muniment.Gateway.Deciding;

/// <summary>Compiled detector sets by what policies name. Verdicts of a tenant name the same few over and over. Thread-safe.</summary>
internal static class KnownDetectors
{
    /// <summary>Beyond this many sets all are forgotten and made again.</summary>
    public const int MaxSets = 2000;

    private static readonly ConcurrentDictionary<string, DetectorSet?> Sets = new(StringComparer.Ordinal);

    /// <summary>The set of these detectors; null when they cannot be used together, then the rule's <c>fail</c> says what follows.</summary>
    public static DetectorSet? Of(ImmutableArray<DetectorReference> detectors)
    {
        if (detectors.IsEmpty)
        {
            return DetectorSet.Empty;
        }

        string key = KeyOf(detectors);
        if (Sets.TryGetValue(key, out DetectorSet? known))
        {
            return known;
        }

        if (Sets.Count >= MaxSets)
        {
            Sets.Clear();
        }

        DetectorSet? made = DetectorSet.TryCreate(
            detectors.Where(detector => detector.Pattern is null).Select(detector => detector.Name),
            detectors.Where(detector => detector.Pattern is not null).Select(detector => new CustomPattern(detector.Name, detector.Pattern!)),
            out _);
        return Sets.GetOrAdd(key, made);
    }

    /// <summary>The set of these detectors, or of the built-in ones among them when the rest cannot be used with them: those that are left out are not among its names and fail their rules.</summary>
    public static DetectorSet Usable(ImmutableArray<DetectorReference> detectors) =>
        Of(detectors) ?? Of([.. detectors.Where(detector => detector.Pattern is null && DetectorCatalog.Names.Contains(detector.Name))]) ?? DetectorSet.Empty;

    private static string KeyOf(ImmutableArray<DetectorReference> detectors)
    {
        if (detectors is [{ Pattern: null } lone])
        {
            return lone.Name;
        }

        var key = new StringBuilder();
        foreach (DetectorReference detector in detectors)
        {
            key.Append(detector.Name).Append('\t').Append(detector.Pattern).Append('\n');
        }

        return key.ToString();
    }
}
