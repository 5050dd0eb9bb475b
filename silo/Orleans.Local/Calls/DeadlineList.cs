namespace Orleans.Local.Calls;

/// <summary>
/// The pending calls that share one response timeout, oldest first, so that both adding and removing are a few pointer writes and nothing is kept of a call
/// that was answered. One timer looks at the oldest while there is any.
/// </summary>
internal sealed class DeadlineList
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _timeout;
    private readonly TimeSpan _period;
    private readonly Timer _timer;
    private PendingCall? _first;
    private PendingCall? _last;
    private bool _ticking;

    public DeadlineList(TimeSpan timeout)
    {
        _timeout = timeout;
        _period = TimeSpan.FromMilliseconds(Math.Clamp(timeout.TotalMilliseconds / 20, 10, 1000));
        using (ExecutionContext.SuppressFlow())
        {
            _timer = new(static list => ((DeadlineList)list!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public void Add(PendingCall call)
    {
        call.DeadlineTicksMs = Environment.TickCount64 + (long)_timeout.TotalMilliseconds;
        lock (_gate)
        {
            call.Deadlines = this;
            call.Earlier = _last;
            if (_last is null) _first = call;
            else _last.Later = call;
            _last = call;
            if (_ticking) return;
            _ticking = true;
            _timer.Change(_period, _period);
        }
    }

    public void Remove(PendingCall call)
    {
        lock (_gate)
        {
            if (call.Deadlines is null) return;
            if (call.Earlier is null) _first = call.Later;
            else call.Earlier.Later = call.Later;
            if (call.Later is null) _last = call.Earlier;
            else call.Later.Earlier = call.Earlier;
            (call.Deadlines, call.Earlier, call.Later) = (null, null, null);
        }
    }

    private void Sweep()
    {
        while (true)
        {
            PendingCall late;
            lock (_gate)
            {
                if (_first is null)
                {
                    _ticking = false;
                    _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                    return;
                }
                if (_first.DeadlineTicksMs > Environment.TickCount64) return;
                late = _first;
            }
            Remove(late);
            late.TimeOut(_timeout);
        }
    }
}
