namespace Muniment.Delivery.Outcomes;

/// <summary>The seven ways a destination can answer one request. Nothing else exists: what fits none of them is <see cref="RetryLater"/>.</summary>
public enum OutcomeKind
{
    /// <summary>Everything was taken.</summary>
    Delivered,
    /// <summary>Taken, but for some records that will never be.</summary>
    Partial,
    /// <summary>Not now: the same bytes again after a delay. Also the answer when the outcome is unknown.</summary>
    RetryLater,
    /// <summary>The request is too large: halve it.</summary>
    TooLarge,
    /// <summary>At least one record is bad: isolate it.</summary>
    BadRecord,
    /// <summary>The credential is refused: pause, keep everything, ask gently.</summary>
    CredentialRejected,
    /// <summary>Path, option or transport is wrong: pause, keep everything, ask gently.</summary>
    Misconfigured,
}
