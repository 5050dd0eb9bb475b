namespace Muniment.Delivery.Kinds;

/// <summary>How old an event may be before a destination takes it otherwise than it is. The status warns at half of that.</summary>
/// <param name="Age">How old.</param>
/// <param name="Effect">What happens then, a sentence about the destination.</param>
public sealed record AgeLimit(TimeSpan Age, string Effect)
{
    /// <summary>The warning for a destination whose oldest waiting event has this age; null while there is time.</summary>
    public string? Warn(double oldestSeconds) => oldestSeconds * 2 < Age.TotalSeconds ? null
        : FormattableString.Invariant($"the oldest waiting event was received {oldestSeconds / 3600:0.#} h ago; {Effect}");
}
