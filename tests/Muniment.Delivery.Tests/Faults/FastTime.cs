using System.Collections.Concurrent;
using System.Diagnostics;

namespace Muniment.Delivery.Tests.Faults;

/// <summary>
/// A clock that runs <paramref name="factor"/> times as fast as the real one, timers included, so that a wait of a minute is over in a second. <see cref="Leap"/> takes it over a long
/// wait at once, so that a limit that must end can be long: a machine that stands still for some seconds does not come near it.
/// </summary>
internal sealed class FastTime(double factor, DateTimeOffset? begin = null) : TimeProvider
{
    private readonly DateTimeOffset _begin = begin ?? new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly ConcurrentDictionary<Timer, byte> _timers = [];
    private long _leaptTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => (long)(Stopwatch.GetElapsedTime(_started).Ticks * factor) + Interlocked.Read(ref _leaptTicks);

    public override DateTimeOffset GetUtcNow() => _begin + TimeSpan.FromTicks(GetTimestamp());

    /// <summary>Goes forward; what becomes due by that fires at once.</summary>
    public void Leap(TimeSpan by)
    {
        Interlocked.Add(ref _leaptTicks, by.Ticks);
        foreach (Timer timer in _timers.Keys)
        {
            timer.Set();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(this, callback, state);
        _timers[timer] = 0;
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Knows when it is due by the clock. Without periods, which nothing here uses.</summary>
    private sealed class Timer : ITimer
    {
        private readonly Lock _lock = new();
        private readonly FastTime _time;
        private readonly ITimer _real;
        private long? _due;

        public Timer(FastTime time, TimerCallback callback, object? state)
        {
            _time = time;
            _real = System.CreateTimer(
                _ =>
                {
                    if (Ends())
                    {
                        callback(state);
                    }
                },
                null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (period != Timeout.InfiniteTimeSpan)
            {
                throw new NotSupportedException("a timer with a period");
            }

            lock (_lock)
            {
                _due = dueTime == Timeout.InfiniteTimeSpan ? null : _time.GetTimestamp() + dueTime.Ticks;
            }

            return Set();
        }

        /// <summary>Sets the real timer to what is left.</summary>
        public bool Set()
        {
            lock (_lock)
            {
                double leftMs = _due is { } due ? Math.Ceiling(Math.Max(0, due - _time.GetTimestamp()) / (double)TimeSpan.TicksPerMillisecond / _time.Factor) : Timeout.Infinite;
                return _real.Change(TimeSpan.FromMilliseconds(leftMs), Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose()
        {
            _time._timers.TryRemove(this, out _);
            _real.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        /// <summary>Whether it is due, which is said once.</summary>
        private bool Ends()
        {
            lock (_lock)
            {
                if (_due is { } due && due > _time.GetTimestamp())
                {
                    Set(); // the real timer was early, or set before this one was set anew
                    return false;
                }

                bool ends = _due is not null;
                _due = null;
                return ends;
            }
        }
    }

    private double Factor => factor;
}
