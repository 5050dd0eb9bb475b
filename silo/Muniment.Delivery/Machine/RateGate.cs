namespace Muniment.Delivery.Machine;

/// <summary>
/// Keeps to a number of events and bytes a second (GCRA): each request pushes the time before which the next one may not start. A second's worth may go at once; a request that
/// is larger than that goes and is waited for. Not stored: after a restart at most a second's worth too much goes out. Owned by the machine.
/// </summary>
public sealed class RateGate
{
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(1);
    private DateTimeOffset _full = DateTimeOffset.MinValue;

    /// <summary>When the next request may start; in the past when it may start now.</summary>
    public DateTimeOffset Opens { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>A request starts.</summary>
    /// <param name="events">Events in it.</param>
    /// <param name="bytes">Bytes in it, uncompressed.</param>
    /// <param name="eventsPerSecond">Limit, or 0 for none.</param>
    /// <param name="bytesPerSecond">Limit, or 0 for none.</param>
    /// <param name="now">Now.</param>
    public void Took(long events, long bytes, int eventsPerSecond, int bytesPerSecond, DateTimeOffset now)
    {
        double seconds = Math.Max(eventsPerSecond > 0 ? (double)events / eventsPerSecond : 0, bytesPerSecond > 0 ? (double)bytes / bytesPerSecond : 0);
        if (seconds <= 0)
        {
            return;
        }

        _full = (_full > now ? _full : now) + TimeSpan.FromSeconds(seconds);
        Opens = _full - Burst;
    }
}
