namespace Muniment.Policy.Detectors;

/// <summary>Something that a detector found in a text.</summary>
/// <param name="Start">First character in the text as it was given.</param>
/// <param name="Length">Characters.</param>
/// <param name="Type">What it is, e.g. <c>EMAIL</c>.</param>
public readonly record struct Detection(int Start, int Length, string Type);
