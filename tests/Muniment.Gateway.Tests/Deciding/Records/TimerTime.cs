namespace Muniment.Gateway.Tests.Deciding.Records;

/// <summary>Time that moves only when told, and its timers with it; they fire on the thread that moves it. Not thread-safe.</summary>
internal sealed class TimerTime : TimeProvider
{
    private readonly List<Timer> _timers = [];
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public int Timers => _timers.Count;

    /// <summary>Timers that would keep what hangs on their creator.</summary>
    public int TimersWithContext { get; private set; }

    public override long GetTimestamp() => _ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        _timers.Add(timer);
        TimersWithContext += ExecutionContext.IsFlowSuppressed() ? 0 : 1;
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        _ticks += by.Ticks;
        foreach (Timer timer in _timers.ToArray())
        {
            timer.FireIfDue();
        }
    }

    private sealed class Timer(TimerTime time, TimerCallback callback, object? state) : ITimer
    {
        private long _due = long.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time._ticks + dueTime.Ticks;
            return true;
        }

        public void FireIfDue()
        {
            if (time._ticks >= _due)
            {
                _due = long.MaxValue;
                callback(state);
            }
        }

        public void Dispose() => time._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
