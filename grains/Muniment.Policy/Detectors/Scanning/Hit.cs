namespace Muniment.Policy.Detectors.Scanning;

/// <summary>One match in normalised text.</summary>
/// <param name="Start">First character.</param>
/// <param name="End">After the last.</param>
/// <param name="Detector">Index of the detector in its set; the smaller wins between matches of the same span.</param>
/// <param name="Open">What goes on after the end.</param>
internal readonly record struct Hit(int Start, int End, int Detector, Swallow Open) : IComparable<Hit>
{
    /// <summary>By start; longer first; open first; then by detector.</summary>
    public int CompareTo(Hit other)
    {
        int order = Start.CompareTo(other.Start);
        order = order != 0 ? order : other.End.CompareTo(End);
        order = order != 0 ? order : other.Open.CompareTo(Open);
        return order != 0 ? order : Detector.CompareTo(other.Detector);
    }
}
