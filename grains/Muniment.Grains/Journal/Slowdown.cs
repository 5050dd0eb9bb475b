using Muniment.Events.Blocks;

namespace Muniment.Grains.Journal;

/// <summary>
/// Keeps appends from running away from sealing: while more than a limit is not sealed, each group commit first waits until sealing has come on, but never longer than
/// <see cref="JournalLimits.MaxSlowdownMs"/>, and only a part of that while it is little more: so the two find the rate at which both go on, instead of resting in turns.
/// Nothing is refused or lost by it, and when sealing fails nothing waits. Owner: the activation, in its turns.
/// </summary>
internal sealed class Slowdown(JournalLimits limits, JournalInstruments instruments, TimeProvider time, long size)
{
    /// <summary>A sealed block takes 4 MiB of payload; with leaves and terms, which are counted here, this many bytes hold one.</summary>
    private const long RipeBytes = 8 << 20;

    /// <summary>The whole wait is due with the limit exceeded by one part in so many.</summary>
    private const double FullWaitParts = 8;

    private readonly UnsealedBacklog _backlog = new(size);
    private long _idleBytes;
    private TaskCompletionSource? _waiting;
    private bool _failing;

    /// <summary>Entries that are sealed, as far as known.</summary>
    public long SealedSize => _backlog.SealedSize;

    /// <summary>Whether appends wait now before each group.</summary>
    public bool IsActive => !_failing && (_backlog.Events > limits.MaxUnsealedEvents || _backlog.SizeBytes > limits.MaxUnsealedBytes);

    /// <summary>Whether a block can be sealed, as far as can be told from here.</summary>
    public bool IsRipe => _backlog.Size - _backlog.SealedSize >= Segment.MaxEvents || _backlog.SizeBytes - _idleBytes >= RipeBytes;

    /// <summary>A group became durable.</summary>
    public void Appended(long size, long sizeBytes) => _backlog.Appended(size, sizeBytes);

    /// <summary>Sealing has come this far.</summary>
    public void Sealed(long sealedSize)
    {
        _failing = false;
        bool advanced = sealedSize > _backlog.SealedSize;
        _backlog.Sealed(sealedSize);
        _idleBytes = advanced ? 0 : _backlog.SizeBytes; // nothing was ripe though it looked so: not again before there is more
        if (!IsActive)
        {
            Release();
        }
    }

    /// <summary>Sealing failed: it only saves space, so nobody waits for it until it works again.</summary>
    public void SealingFailed()
    {
        _failing = true;
        Release();
    }

    /// <summary>Lets a waiting group go, because somebody who must not wait stands behind it.</summary>
    public void Release() => _waiting?.TrySetResult();

    /// <summary>Waits when there is too much that is not sealed.</summary>
    public async Task WaitAsync()
    {
        if (!IsActive || limits.MaxSlowdownMs == 0)
        {
            return;
        }

        long started = time.GetTimestamp();
        // Continuations must run in a turn of their own, not inside the call that released them.
        TaskCompletionSource waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting = waiting;
        using (time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), waiting, LongestWait(), Timeout.InfiniteTimeSpan))
        {
            await waiting.Task;
        }

        _waiting = null;
        instruments.Slowed(time.GetElapsedTime(started));
    }

    private TimeSpan LongestWait()
    {
        double used = Math.Max((double)_backlog.Events / Math.Max(1, limits.MaxUnsealedEvents), (double)_backlog.SizeBytes / Math.Max(1, limits.MaxUnsealedBytes));
        return TimeSpan.FromMilliseconds(Math.Max(1, Math.Round(limits.MaxSlowdownMs * Math.Min(1, (used - 1) * FullWaitParts))));
    }
}
