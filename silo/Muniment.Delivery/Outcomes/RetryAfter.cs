using System.Globalization;
using System.Net.Http.Headers;

namespace Muniment.Delivery.Outcomes;

/// <summary>The <c>Retry-After</c> header in both forms (RFC 9110, 10.2.3), clamped to <see cref="Shortest"/> and <see cref="Longest"/>.</summary>
public static class RetryAfter
{
    /// <summary>Shortest delay taken from a destination.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest delay taken from a destination.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>The delay, or null when there is no header that can be read.</summary>
    public static TimeSpan? Read(HttpResponseHeaders headers, DateTimeOffset now) =>
        headers.NonValidated.TryGetValues("Retry-After", out HeaderStringValues values) ? Parse(values.ToString(), now) : null;

    /// <summary>The delay of one header value, or null.</summary>
    public static TimeSpan? Parse(string? value, DateTimeOffset now)
    {
        value = value?.Trim();
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        if (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds))
        {
            return Clamp(TimeSpan.FromSeconds(Math.Min(seconds, Longest.TotalSeconds)));
        }

        return DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset date)
            ? Clamp(date - now)
            : null;
    }

    private static TimeSpan Clamp(TimeSpan delay) => delay < Shortest ? Shortest : delay > Longest ? Longest : delay;
}
