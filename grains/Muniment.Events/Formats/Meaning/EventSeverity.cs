namespace Muniment.Events.Formats.Meaning;

/// <summary>How grave an event is; the numbers are OCSF's.</summary>
internal enum EventSeverity : byte
{
    /// <summary>Nothing to do.</summary>
    Informational = 1,
    /// <summary>Low.</summary>
    Low = 2,
    /// <summary>Medium.</summary>
    Medium = 3,
    /// <summary>High.</summary>
    High = 4,
    /// <summary>Critical.</summary>
    Critical = 5,
}
