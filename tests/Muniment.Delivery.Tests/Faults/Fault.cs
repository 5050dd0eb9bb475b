using Muniment.Delivery.Outcomes;

namespace Muniment.Delivery.Tests.Faults;

/// <summary>What goes wrong. Every kind is run against each, except those that its adapter gives a reason against.</summary>
public enum Fault
{
    /// <summary>Nobody listens on the port.</summary>
    Refuse,
    /// <summary>The connection is cut before anything was taken.</summary>
    Reset,
    /// <summary>Everything is taken, then the connection is cut.</summary>
    ResetAfterTaken,
    /// <summary>Everything is taken and no answer ever comes.</summary>
    BlackHole,
    /// <summary>The answer is good and late.</summary>
    SlowAnswer,
    /// <summary>429 with Retry-After in seconds.</summary>
    RetryAfterSeconds,
    /// <summary>429 with Retry-After as a date.</summary>
    RetryAfterDate,
    /// <summary>500 again and again.</summary>
    ServerErrors,
    /// <summary>Requests are too large until they are a third of the first.</summary>
    TooLarge,
    /// <summary>One event alone is larger than any request may be.</summary>
    TooLargeAlone,
    /// <summary>The credential is refused, and later taken again without anything being configured.</summary>
    CredentialRestored,
    /// <summary>The credential is refused, and another one is configured.</summary>
    CredentialReplaced,
    /// <summary>One record is refused for good.</summary>
    Poison,
    /// <summary>Part of a request is refused.</summary>
    Partial,
    /// <summary>The server points somewhere else.</summary>
    Redirect,
    /// <summary>The server's certificate is no longer valid.</summary>
    ExpiredCertificate,
    /// <summary>A success begins and its body never ends.</summary>
    EndlessAnswer,
    /// <summary>An error with megabytes of text.</summary>
    HugeAnswer,
    /// <summary>Busy, cut and well by turns.</summary>
    FlipFlop,
}

/// <summary>What a fault must lead to.</summary>
/// <param name="Kind">Outcome that is counted.</param>
/// <param name="Code">Code of the reason that is shown meanwhile; null when it is not looked at.</param>
/// <param name="Count">How often the outcome must be seen before the fault ends.</param>
/// <param name="Unknown">Whether the outcome is unknown to us, so that the same event with the same bytes may arrive again.</param>
internal sealed record Expectation(OutcomeKind Kind, string? Code, int Count = 1, bool Unknown = false)
{
    /// <summary>For every kind that has no reason to differ.</summary>
    public static Expectation Of(Fault fault) => fault switch
    {
        Fault.Refuse or Fault.Reset => new Expectation(OutcomeKind.RetryLater, ReasonCode.Unreachable, 3),
        Fault.ResetAfterTaken => new Expectation(OutcomeKind.RetryLater, ReasonCode.Unreachable, 2, Unknown: true),
        Fault.BlackHole => new Expectation(OutcomeKind.RetryLater, ReasonCode.Unreachable, 1, Unknown: true),
        Fault.EndlessAnswer => new Expectation(OutcomeKind.RetryLater, ReasonCode.Unreachable),
        Fault.SlowAnswer => new Expectation(OutcomeKind.Delivered, null),
        Fault.RetryAfterSeconds or Fault.RetryAfterDate => new Expectation(OutcomeKind.RetryLater, null),
        Fault.ServerErrors => new Expectation(OutcomeKind.RetryLater, ReasonCode.DestinationError, 6),
        Fault.HugeAnswer => new Expectation(OutcomeKind.RetryLater, ReasonCode.DestinationError),
        Fault.FlipFlop => new Expectation(OutcomeKind.RetryLater, null, 6),
        Fault.TooLarge or Fault.TooLargeAlone => new Expectation(OutcomeKind.TooLarge, null),
        Fault.CredentialRestored or Fault.CredentialReplaced => new Expectation(OutcomeKind.CredentialRejected, ReasonCode.CredentialRejected),
        Fault.Poison => new Expectation(OutcomeKind.BadRecord, null),
        Fault.Partial => new Expectation(OutcomeKind.Partial, null),
        Fault.Redirect => new Expectation(OutcomeKind.Misconfigured, ReasonCode.Misconfigured),
        Fault.ExpiredCertificate => new Expectation(OutcomeKind.Misconfigured, ReasonCode.TlsFailed),
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };
}
