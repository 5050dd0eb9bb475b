namespace Muniment.Gateway.Deciding;

/// <summary>
/// Decides calls from this gateway's own copy of the policies:
/// <code>
/// policies ─► pending? inspect the texts ─► ask? approved once, or an approval is asked for ─► limits reserved ─► decision
/// </code>
/// Nothing is recorded here: <see cref="IDecisionLog"/> does, and nothing may pass before it has.
/// </summary>
public interface IDecider
{
    /// <summary>Decides one call. A denial is a decision too.</summary>
    /// <param name="call">What is to be decided, and who asks.</param>
    /// <param name="inspect">
    /// Runs the detectors of a verdict that is pending (<c>Verdict.LookFor</c>) on all texts of the request, and keeps what <c>Verdict.RedactWith</c> replaces. Called at most once, on the caller's
    /// thread; not when no rule looks for anything.
    /// </param>
    /// <param name="cancellationToken">The request's.</param>
    /// <exception cref="DecidingUnavailableException">Policies, limits or approvals cannot be asked: 503, nothing passes.</exception>
    ValueTask<Decision> DecideAsync(DecisionCall call, Func<Policy.Evaluation.Verdict, Inspection> inspect, CancellationToken cancellationToken);
}
