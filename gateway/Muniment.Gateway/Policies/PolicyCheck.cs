using Muniment.Policy.Detectors;
using Muniment.Policy.Documents;

namespace Muniment.Gateway.Policies;

/// <summary>What a policy is checked for before it is published, beside its own form: its detectors exist, and its own patterns can be used.</summary>
internal static class PolicyCheck
{
    /// <summary>How documents are read at the door.</summary>
    public static PolicyParserOptions Options { get; } = new() { CheckDetector = Check };

    private static string? Check(DetectorReference detector)
    {
        DetectorError? error;
        _ = detector.Pattern is { } pattern
            ? DetectorSet.TryCreate([], [new CustomPattern(detector.Name, pattern)], out error)
            : DetectorSet.TryCreate([detector.Name], [], out error);
        return error?.ToString();
    }
}
