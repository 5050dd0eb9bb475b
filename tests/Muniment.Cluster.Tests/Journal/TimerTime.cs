namespace Muniment.Cluster.Tests.Journal;

/// <summary>Timers that fire when told.</summary>
internal sealed class TimerTime : TimeProvider
{
    private TimerCallback? _callback;
    private object? _state;

    public int Timers { get; private set; }

    public TimeSpan Due { get; private set; }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        (_callback, _state, Due) = (callback, state, dueTime);
        Timers++;
        return new Handle();
    }

    public void Fire() => _callback!(_state);

    private sealed class Handle : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
