using Microsoft.Extensions.Logging;
using Orleans.Local.Activations;
using Orleans.Local.Calls;
using Orleans.Runtime;

namespace Orleans.Local.Timers;

/// <summary>A timer whose ticks are one-way requests to its own activation. Owner of the fields: the activation's turns, except that the clock only posts.</summary>
internal sealed partial class GrainTimer : IGrainTimer
{
    private const uint MaxTimeoutMs = 0xfffffffe;

    private readonly CancellationTokenSource _disposed = new();
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly ITimer _timer;
    private TimeSpan _dueTime;
    private TimeSpan _period;
    private bool _firing;
    private bool _changed;

    private GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        (_activation, _callback, _options) = (activation, callback, options);
        using (ExecutionContext.SuppressFlow())
        {
            _timer = activation.Silo.Time.CreateTimer(static timer => ((GrainTimer)timer!).Post(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Registers a timer; only from the activation's own turns.</summary>
    public static GrainTimer Register(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        if (Activation.Current != activation) throw new InvalidOperationException("A grain timer can be registered only from a turn of its own grain.");
        GrainTimer timer = new(activation, callback, options);
        activation.Add(timer);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        (_dueTime, _period, _changed) = (dueTime, period, true);
        if (!_firing) Schedule(dueTime);
    }

    public void Dispose()
    {
        _disposed.Cancel();
        _timer.Dispose();
        _activation.Remove(this);
    }

    private static void Check(TimeSpan time, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan((long)time.TotalMilliseconds, -1, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)time.TotalMilliseconds, MaxTimeoutMs, name);
    }

    private void Post()
    {
        _firing = true;
        _activation.TryReceive(new TimerRequest(this) { Interleaves = _options.Interleave, KeepsAlive = _options.KeepAlive });
    }

    private async Task TickAsync()
    {
        try
        {
            _changed = false;
            await _callback(_disposed.Token);
        }
        catch (Exception exception)
        {
            LogTickFailed(_activation.Silo.Logger, exception, _activation.GrainId);
        }
        finally
        {
            _firing = false;
            Schedule(_changed ? _dueTime : _period);
        }
    }

    private void Schedule(TimeSpan time)
    {
        if (_disposed.IsCancellationRequested) return;
        _timer.Change(time, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(1, LogLevel.Warning, "A tick of a timer of grain {GrainId} failed; the next one still comes.")]
    private static partial void LogTickFailed(ILogger logger, Exception exception, GrainId grainId);

    private sealed class TimerRequest(GrainTimer timer) : Request
    {
        public override bool IsLocal => true;

        protected override Task InvokeAsync(Activation activation) => timer.TickAsync();

        public override void Fail(Exception exception) { }

        protected override void Respond() { }
    }
}
