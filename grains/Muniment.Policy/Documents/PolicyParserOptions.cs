using Muniment.Policy.Detectors;

namespace Muniment.Policy.Documents;

/// <summary>What a parser needs to know from outside the document.</summary>
public sealed record PolicyParserOptions
{
    /// <summary>The usual ones.</summary>
    public static PolicyParserOptions Usual { get; } = new();

    /// <summary>Says what is wrong with a detector; null when nothing is. The usual one knows the detectors that are built in and compiles own patterns.</summary>
    public Func<DetectorReference, string?> CheckDetector { get; init; } = DetectorReferences.Check;
}
