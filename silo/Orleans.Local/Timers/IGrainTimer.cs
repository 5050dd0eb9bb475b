using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>A timer of one activation.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets the next tick and the period; during a tick it takes effect after it.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}

/// <summary>How a timer behaves.</summary>
public readonly struct GrainTimerCreationOptions
{
    /// <summary>Options whose parts are set by name.</summary>
    public GrainTimerCreationOptions() { }

    /// <summary>Options with both times.</summary>
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period) => (DueTime, Period) = (dueTime, period);

    /// <summary>Time to the first tick; zero for at once, infinite for never.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>Time from the end of one tick to the next; infinite for a single tick.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>True: ticks interleave with requests.</summary>
    public bool Interleave { get; init; }

    /// <summary>True: ticks keep the activation from being idle.</summary>
    public bool KeepAlive { get; init; }
}
