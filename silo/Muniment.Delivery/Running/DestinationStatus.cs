using System.Collections.Immutable;
using Muniment.Delivery.Machine;

namespace Muniment.Delivery.Running;

/// <summary>What the outside sees of a destination.</summary>
public sealed record DestinationStatus(
    DeliveryCondition State, ReasonState? Reason, long Position, ImmutableArray<LaneStatus> Lanes, long LagEvents, double LagSeconds, long Delivered, long DeadLetters, long Expired,
    ImmutableArray<long> Outcomes, DateTimeOffset? LastSuccess, DateTimeOffset? NextAttempt, long Epoch, long NextN, bool CircuitOpen, int Concurrency)
{
    /// <summary>A limit of the destination that the oldest waiting event comes near to; null where there is none.</summary>
    public string? Warning { get; init; }
}

/// <summary>One lane.</summary>
public sealed record LaneStatus(string Name, long From, long? To, long Position);
