namespace Muniment.Journal.Sessions;

/// <summary>Limits of folding sessions. A step is one short transaction in the background lane, so that commits never wait long for it.</summary>
public sealed record SessionLimits
{
    /// <summary>A step ends with the block in which it has folded so many events.</summary>
    public int MaxStepEvents { get; init; } = 8192;
    /// <summary>Sessions whose rows one step writes.</summary>
    public int MaxStepSessions { get; init; } = 512;
    /// <summary>Folds kept in memory between steps.</summary>
    public int MaxCachedSessions { get; init; } = 4096;
    /// <summary>Turns and calls that the folds in memory may hold together, 8 bytes each.</summary>
    public int MaxCachedTracked { get; init; } = 500_000;
    /// <summary>A question folds at most this many events that no step has folded yet; older ones are left for later and the answer says so.</summary>
    public int MaxTailEvents { get; init; } = 65_536;
    /// <summary>A question drives the projection on for at most this long before it is answered.</summary>
    public int MaxCatchUpMs { get; init; } = 500;
    /// <summary>A question for one session adds what came since for at most this long.</summary>
    public int MaxFollowMs { get; init; } = 2000;
    /// <summary>Rows deleted in one transaction when an old version is dropped.</summary>
    public int MaxDropRows { get; init; } = 1000;
    /// <summary>While the log grows, the projection rests this many times as long as its step took: a quarter of one core at most.</summary>
    public double RestFactor { get; init; } = 3;
    /// <summary>As <see cref="RestFactor"/>, while more events than <see cref="MaxTailEvents"/> are not folded, because then lists are no longer whole: a third of one core at most.</summary>
    public double HurriedRestFactor { get; init; } = 2;
    /// <summary>With more events than this not folded, what it reads is sealed and costs several times as much: while the log grows faster than it folds, it leaves the machine to appends.</summary>
    public int FarBehindEvents { get; init; } = 1_048_576;
    /// <summary>As <see cref="RestFactor"/>, then: a seventh of one core, unless <see cref="MaxRestMs"/> cuts the rest.</summary>
    public double FarBehindRestFactor { get; init; } = 6;
    /// <summary>Longest rest between two steps.</summary>
    public int MaxRestMs { get; init; } = 2000;

    /// <summary>How long the projection rests after a step that took <paramref name="workedMs"/>, while the log grew by so many events.</summary>
    internal double RestMs(in SessionStep step, double workedMs, long grownEvents)
    {
        long behind = step.Size - step.NextSeq;
        double factor = behind > FarBehindEvents && grownEvents > step.Events ? FarBehindRestFactor : behind > MaxTailEvents ? HurriedRestFactor : RestFactor;
        return Math.Clamp(factor * workedMs, 1, MaxRestMs);
    }
}
