namespace Muniment.Gateway.Access;

/// <summary>
/// One value that is asked for again when it is old: older than <see cref="SoftMs"/> it is used once more while one asker refreshes it behind the scenes,
/// older than <see cref="HardMs"/> the caller waits for the refresh. So a revocation counts within <see cref="HardMs"/> and nobody waits in the common case.
/// A tenant that nobody calls is not polled at all.
/// </summary>
/// <remarks>Owner of each field: whoever holds <c>_gate</c>; <c>_value</c> is read without it.</remarks>
internal sealed class Freshness<T>(TimeProvider time, Func<T?, Task<T>> refresh, int softMs = Freshness<T>.SoftMs, int hardMs = Freshness<T>.HardMs)
    where T : class
{
    /// <summary>From this age on a refresh is started, unless the owner says otherwise.</summary>
    public const int SoftMs = 1000;

    /// <summary>From this age on the value is not used any more, unless the owner says otherwise.</summary>
    public const int HardMs = 4000;

    private readonly Lock _gate = new();
    private volatile Entry? _value;
    private Task<T>? _refreshing;

    /// <summary>The value, at most <see cref="HardMs"/> old, or <see cref="SoftMs"/> when <paramref name="waitWhenSoft"/>.</summary>
    /// <exception cref="Exception">It could not be refreshed in time.</exception>
    public ValueTask<T> GetAsync(bool waitWhenSoft = false)
    {
        Entry? entry = _value;
        if (entry is null)
        {
            return new(RefreshAsync());
        }

        double ageMs = time.GetElapsedTime(entry.At).TotalMilliseconds;
        if (ageMs < softMs)
        {
            return new(entry.Value);
        }

        Task<T> refreshed = RefreshAsync();
        return ageMs < hardMs && !waitWhenSoft ? new(entry.Value) : new(refreshed);
    }

    /// <summary>Asks now, whatever the age: after a change of one's own.</summary>
    public async Task<T> RenewAsync()
    {
        // A refresh that was under way may have read before the change; only one begun now has surely seen it.
        Task<T>? running;
        lock (_gate)
        {
            running = _refreshing;
        }

        if (running is not null)
        {
            await running.ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        return await RefreshAsync();
    }

    private Task<T> RefreshAsync()
    {
        lock (_gate)
        {
            return _refreshing ??= RunAsync();
        }
    }

    private async Task<T> RunAsync()
    {
        // Off the lock that the caller holds.
        await Task.Yield();
        try
        {
            long at = time.GetTimestamp();
            T value = await refresh(_value?.Value);
            _value = new Entry(value, at);
            return value;
        }
        finally
        {
            lock (_gate)
            {
                _refreshing = null;
            }
        }
    }

    private sealed record Entry(T Value, long At);
}
