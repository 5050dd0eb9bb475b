using System.Collections.Immutable;

namespace Muniment.Delivery.Outcomes;

/// <summary>How one request ended.</summary>
public sealed record DeliveryOutcome
{
    private DeliveryOutcome(OutcomeKind kind) => Kind = kind;

    /// <summary>Which of the seven.</summary>
    public OutcomeKind Kind { get; }

    /// <summary>One of <see cref="ReasonCode"/>; null when delivered.</summary>
    public string? Code { get; private init; }

    /// <summary>One sentence about what happened. Never holds a body of the other side, only fields of its protocol, cleaned.</summary>
    public string Message { get; private init; } = "";

    /// <summary>What to do about it.</summary>
    public string? Hint { get; private init; }

    /// <summary>HTTP status, where there was one.</summary>
    public int? Status { get; private init; }

    /// <summary>RetryLater: what the destination asked for, clamped; null leaves it to backoff.</summary>
    public TimeSpan? Delay { get; private init; }

    /// <summary>BadRecord: position of the bad record, where the destination said it; checked before it is believed.</summary>
    public int? BadIndex { get; private init; }

    /// <summary>Partial: the records that were named. Misconfigured: all records of the request, where each was refused by itself (<see cref="AllRefused"/>).</summary>
    public ImmutableArray<ItemRejection> Rejected { get; private init; } = [];

    /// <summary>Partial: positions of the records that should be sent again.</summary>
    public ImmutableArray<int> Again { get; private init; } = [];

    /// <summary>Partial: how many records were refused without being named.</summary>
    public long UnnamedRejections { get; private init; }

    /// <summary>The refusal follows from a rule that is known here and from these records alone; it says nothing against the destination.</summary>
    public bool Foreseen { get; private init; }

    /// <summary>Delivered and Partial: what goes into the receipt (status, acknowledgement id).</summary>
    public string Response { get; private init; } = "";

    /// <summary>Everything was taken.</summary>
    public static DeliveryOutcome Delivered(string response, int? status = null) => new(OutcomeKind.Delivered) { Response = response, Status = status };

    /// <summary>Taken but for the named ones, or for a number of unnamed ones.</summary>
    public static DeliveryOutcome Partial(string response, string message, ImmutableArray<ItemRejection> rejected, ImmutableArray<int> again, long unnamed = 0, bool foreseen = false) =>
        new(OutcomeKind.Partial) { Response = response, Message = message, Rejected = rejected, Again = again, UnnamedRejections = unnamed, Code = ReasonCode.DestinationError, Foreseen = foreseen };

    /// <summary>Not now.</summary>
    public static DeliveryOutcome RetryLater(string code, string message, string? hint = null, TimeSpan? delay = null, int? status = null) =>
        new(OutcomeKind.RetryLater) { Code = code, Message = message, Hint = hint, Delay = delay, Status = status };

    /// <summary>
    /// Several records, and each was refused for good: rather the destination than every single record, so pause and keep. What is known about each lets them go nevertheless where
    /// somebody wants that: when they are replayed, or given up by a resume.
    /// </summary>
    public static DeliveryOutcome AllRefused(string message, string hint, ImmutableArray<ItemRejection> rejected, int? status = null) =>
        new(OutcomeKind.Misconfigured) { Code = ReasonCode.Misconfigured, Message = message, Hint = hint, Status = status, Rejected = rejected };

    /// <summary>Halve it.</summary>
    public static DeliveryOutcome TooLarge(string message, int? status = null, bool foreseen = false) =>
        new(OutcomeKind.TooLarge) { Code = ReasonCode.DestinationError, Message = message, Status = status, Hint = "lower batch.max_bytes", Foreseen = foreseen };

    /// <summary>Isolate it.</summary>
    public static DeliveryOutcome BadRecord(string message, int? index = null, int? status = null) =>
        new(OutcomeKind.BadRecord) { Code = ReasonCode.DestinationError, Message = message, BadIndex = index, Status = status };

    /// <summary>Pause and keep.</summary>
    public static DeliveryOutcome CredentialRejected(string message, string hint, int? status = null) =>
        new(OutcomeKind.CredentialRejected) { Code = ReasonCode.CredentialRejected, Message = message, Hint = hint, Status = status };

    /// <summary>Pause and keep.</summary>
    public static DeliveryOutcome Misconfigured(string message, string hint, string code = ReasonCode.Misconfigured, int? status = null) =>
        new(OutcomeKind.Misconfigured) { Code = code, Message = message, Hint = hint, Status = status };
}
