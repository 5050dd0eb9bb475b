namespace Muniment.Grains.Journal;

/// <summary>
/// Lets small appends go together. A commit costs about the same for one record as for twenty, and a group is what came while the one before was written; where many callers append one record each,
/// that makes many small groups. So after a group of several, the next one waits until as many have come again, but never longer than <see cref="JournalLimits.MaxCompanyMs"/>:
/// <code>
/// group of n answered ─► fewer than n here, and all of it small ─► wait ─► n here, or much, or the time is over ─► next group
///                    └─► n were fewer than four, n are here, or something large is ─► next group at once
/// </code>
/// Who appends alone, or a few, waits once at most, after a group of several. Owner: the activation, in its turns; the timer only completes a task.
/// </summary>
internal sealed class Company(JournalLimits limits, TimeProvider time) : IDisposable
{
    // Below this many there is nothing to gain.
    private const int LeastRequests = 4;

    private ITimer? _timer;
    private TaskCompletionSource? _waiting;
    private int _wanted;
    private bool _isOver;

    /// <summary>A group was answered: so many may be expected again.</summary>
    public void Answered(int requests) => _wanted = requests;

    /// <summary>Something came; whoever waits goes on when it is enough.</summary>
    public void Came(int requests, long sizeBytes)
    {
        if (_waiting is { } waiting && !IsTooFew(requests, sizeBytes))
        {
            waiting.TrySetResult();
        }
    }

    /// <summary>Waits for company, if any is to be expected.</summary>
    public async Task WaitAsync(int requests, long sizeBytes)
    {
        if (_isOver || limits.MaxCompanyMs == 0 || !IsTooFew(requests, sizeBytes))
        {
            return;
        }

        // Continuations must run in a turn of their own, not inside the call that released them.
        TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting = waiting;
        _timer ??= time.CreateTimer(static state => ((Company)state!)._waiting?.TrySetResult(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(TimeSpan.FromMilliseconds(limits.MaxCompanyMs), Timeout.InfiniteTimeSpan);
        await waiting.Task;
        _waiting = null;
    }

    /// <summary>Nobody waits any more, also who does now: without its timer it would for ever.</summary>
    public void Dispose()
    {
        _isOver = true;
        _timer?.Dispose();
        _waiting?.TrySetResult();
    }

    private bool IsTooFew(int requests, long sizeBytes) => _wanted >= LeastRequests && requests < _wanted && sizeBytes < limits.MaxCompanyBytes;
}
