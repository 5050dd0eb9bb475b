namespace Muniment.Delivery.Outcomes;

/// <summary>Exponential backoff with full jitter: the n-th failure in a row waits evenly between 0 and min(60 s, 1 s · 2^(n-1)), never under <see cref="Least"/>.</summary>
public static class Backoff
{
    /// <summary>Upper bound of the first wait.</summary>
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);

    /// <summary>Upper bound of every wait.</summary>
    public static readonly TimeSpan Cap = TimeSpan.FromSeconds(60);

    /// <summary>A floor that keeps a lucky draw from becoming a busy loop.</summary>
    public static readonly TimeSpan Least = TimeSpan.FromMilliseconds(50);

    /// <summary>How long to wait.</summary>
    /// <param name="failures">Failures in a row, 1 or more.</param>
    /// <param name="random">Evenly distributed in [0, 1).</param>
    public static TimeSpan Next(int failures, double random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(failures, 1);
        double boundMs = Math.Min(Cap.TotalMilliseconds, First.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)));
        return TimeSpan.FromMilliseconds(Math.Max(Least.TotalMilliseconds, boundMs * random));
    }
}
