namespace Muniment.Policy.Detectors;

/// <summary>Why a detector set was refused.</summary>
/// <param name="Name">The detector or pattern.</param>
/// <param name="Expected">What was expected instead.</param>
public sealed record DetectorError(string Name, string Expected)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}: expected {Expected}";
}
