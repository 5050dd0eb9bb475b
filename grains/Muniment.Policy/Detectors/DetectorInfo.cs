using System.Collections.Immutable;

namespace Muniment.Policy.Detectors;

/// <summary>What is known of a detector.</summary>
/// <param name="Name">As policies name it, e.g. <c>github_token</c>.</param>
/// <param name="Type">As placeholders and counts name it, e.g. <c>GITHUB_TOKEN</c>.</param>
/// <param name="Groups">Names that bring it along, e.g. <c>secrets</c>.</param>
/// <param name="Default">Whether it belongs to the group <c>default</c>.</param>
public sealed record DetectorInfo(string Name, string Type, ImmutableArray<string> Groups, bool Default);
