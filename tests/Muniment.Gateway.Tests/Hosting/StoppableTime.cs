namespace Muniment.Gateway.Tests.Hosting;

/// <summary>The real clock, but it can be stopped, so that something that holds for a second holds as long as a test needs, and can be set forward. Timers are real.</summary>
public sealed class StoppableTime : TimeProvider
{
    private readonly Lock _gate = new();
    private TimeSpan _forward;
    private (long Timestamp, DateTimeOffset Now)? _stopped;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _stopped?.Timestamp ?? System.GetElapsedTime(0).Ticks + _forward.Ticks;
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _stopped?.Now ?? System.GetUtcNow() + _forward;
        }
    }

    public void Stop()
    {
        (long, DateTimeOffset) at = (GetTimestamp(), GetUtcNow());
        lock (_gate)
        {
            _stopped = at;
        }
    }

    /// <summary>Runs again, later than it stood by at least so much.</summary>
    public void Go(TimeSpan forward)
    {
        lock (_gate)
        {
            _stopped = null;
            _forward += forward;
        }
    }
}
