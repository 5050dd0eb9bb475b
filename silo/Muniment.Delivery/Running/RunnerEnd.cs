namespace Muniment.Delivery.Running;

/// <summary>How a runner ended.</summary>
/// <param name="Kind">Which way.</param>
/// <param name="Error">Faulted: why.</param>
public sealed record RunnerEnd(RunnerEndKind Kind, Exception? Error);

/// <summary>Ways a runner ends.</summary>
public enum RunnerEndKind
{
    /// <summary>It was told to, or the destination was deleted.</summary>
    Stopped,
    /// <summary>Another activation took over.</summary>
    Fenced,
    /// <summary>An unexpected error; whoever opens it next goes on from the stored state.</summary>
    Faulted,
}
