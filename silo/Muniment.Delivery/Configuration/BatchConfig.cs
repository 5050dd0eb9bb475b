namespace Muniment.Delivery.Configuration;

/// <summary>How much goes into one request.</summary>
/// <param name="MaxEvents">1 to <see cref="MostEvents"/>.</param>
/// <param name="MaxBytes">Uncompressed, <see cref="LeastBytes"/> to <see cref="MostBytes"/>; an event that alone is larger goes alone.</param>
/// <param name="MaxAgeMs">How long an event may wait for others, 0 to <see cref="MostAgeMs"/>.</param>
/// <param name="InFlight">Requests at once under <c>relaxed</c>, 1 to <see cref="MostInFlight"/>; <c>strict</c> always has one.</param>
public sealed record BatchConfig(int MaxEvents, int MaxBytes, int MaxAgeMs, int InFlight)
{
    /// <summary>Bytes with which requests begin before the destination was seen to take larger ones; the kind's, not configured.</summary>
    public int FirstBytes { get; init; } = int.MaxValue;

    /// <summary>Whether an event that alone is too large is cut to size with its digest, instead of becoming a dead letter.</summary>
    public bool CutsOversize { get; init; }

    /// <summary>Refusals in a row, of single events and without anything being taken, after which the destination is held instead of making more dead letters.</summary>
    public int MaxRefusals { get; init; } = UsualRefusals;

    /// <summary>Most events a second, or 0 for no limit.</summary>
    public int EventsPerSecond { get; init; }

    /// <summary>Most bytes a second, uncompressed, or 0 for no limit.</summary>
    public int BytesPerSecond { get; init; }

    /// <summary>Limit of <see cref="EventsPerSecond"/>.</summary>
    public const int MostEventsPerSecond = 1_000_000;

    /// <summary>Limit of <see cref="BytesPerSecond"/>.</summary>
    public const int MostBytesPerSecond = 1_000_000_000;

    /// <summary><see cref="MaxRefusals"/> unless configured.</summary>
    public const int UsualRefusals = 100;

    /// <summary>Limit of <see cref="MaxRefusals"/>.</summary>
    public const int MostRefusals = 1_000_000;

    /// <summary>Limit of <see cref="MaxEvents"/>.</summary>
    public const int MostEvents = 10_000;

    /// <summary>Lower limit of <see cref="MaxBytes"/>.</summary>
    public const int LeastBytes = 1024;

    /// <summary>Limit of <see cref="MaxBytes"/>.</summary>
    public const int MostBytes = 16 * 1024 * 1024;

    /// <summary>Limit of <see cref="MaxAgeMs"/>.</summary>
    public const int MostAgeMs = 60_000;

    /// <summary>Limit of <see cref="InFlight"/>.</summary>
    public const int MostInFlight = 16;
}
