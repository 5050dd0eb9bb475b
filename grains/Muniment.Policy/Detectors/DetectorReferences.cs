using System.Collections.Immutable;
using Muniment.Policy.Documents;
using Muniment.Policy.Evaluation;
using Muniment.Policy.Redaction;

namespace Muniment.Policy.Detectors;

/// <summary>From the detectors that policies name to a compiled set, and back from its counts to each of them.</summary>
public static class DetectorReferences
{
    /// <summary>What is wrong with a reference, for <see cref="PolicyParserOptions.CheckDetector"/>; null when nothing is.</summary>
    public static string? Check(DetectorReference reference) =>
        (reference.Pattern is null ? DetectorSet.TryCreate([reference.Name], [], out DetectorError? error) : DetectorSet.TryCreate([], [Pattern(reference)], out error)) is null ? $"expected {error!.Expected}" : null;

    /// <summary>One set of all references; null with what is wrong.</summary>
    public static DetectorSet? TryCompile(IEnumerable<DetectorReference> references, out DetectorError? error)
    {
        ImmutableArray<DetectorReference> all = [.. references.Distinct()];
        return DetectorSet.TryCreate(all.Where(r => r.Pattern is null).Select(r => r.Name), all.Where(r => r.Pattern is not null).Select(Pattern), out error);
    }

    /// <summary>What one reference found, and whether it could not run to its end.</summary>
    public static DetectorFinding Finding(DetectorReference reference, DetectorCounts counts, ImmutableArray<string> failed)
    {
        string type = DetectorSet.TypeOf(reference.Name);
        return new DetectorFinding(counts.Of(reference.Name), reference.Pattern is not null && failed.Contains(type) ? "its pattern took too much work" : null);
    }

    private static CustomPattern Pattern(DetectorReference reference) => new(reference.Name, reference.Pattern!);
}
