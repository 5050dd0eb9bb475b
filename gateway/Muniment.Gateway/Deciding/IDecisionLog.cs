using Muniment.Events;

namespace Muniment.Gateway.Deciding;

/// <summary>
/// The durable record of decisions. A call leaves an event for its request and, when it was forwarded, one for its answer, both under its decision id. When a task of these completes without an exception, the event is durable.
/// </summary>
public interface IDecisionLog
{
    /// <summary>Whether the tenant's journal is known to be unwritable: the last append failed, and too little time has passed to try again. Nothing may be forwarded then.</summary>
    bool IsKnownUnwritable(TenantId tenant);

    /// <summary>Records the verdict on the request (<c>model.invoke</c>, or the action of the call). May run beside the upstream call; before it completes no byte of the answer may leave.</summary>
    /// <exception cref="DecidingUnavailableException">It is not durable; what was reserved is given back.</exception>
    ValueTask AppendInvokeAsync(Decision decision, CancellationToken cancellationToken);

    /// <summary>
    /// Records the verdict on the answer (<c>model.respond</c>) with what was used. Settles what was not settled with the usage it is given, before anything is durable: the upstream
    /// was used, so it counts against the limits also where the call ends in 503 because a record failed. The record of the request must have been begun; where it is not durable yet,
    /// this one is stored together with it or after it, never without it.
    /// </summary>
    /// <exception cref="DecidingUnavailableException">It is not durable.</exception>
    ValueTask AppendRespondAsync(Decision decision, DecisionAnswer answer, CancellationToken cancellationToken);
}
