using Muniment.Gateway.Access;
using Muniment.Policy.Evaluation;

namespace Muniment.Gateway.Deciding;

/// <summary>One call that is to be decided.</summary>
/// <param name="Caller">The key.</param>
/// <param name="Request">What the policies look at.</param>
/// <param name="Context">How it came in.</param>
public sealed record DecisionCall(Caller Caller, DecisionRequest Request, DecisionContext Context)
{
    /// <summary>Upper estimate of what the call uses; reserved from limits before it passes.</summary>
    public DecisionCost Estimate { get; init; }

    /// <summary>Whether the call's use is told later (<see cref="Decision.Settle"/>). When not, as for <c>decide</c>, what is reserved counts as used.</summary>
    public bool IsSettledLater { get; init; }

    /// <summary>What the caller claimed about itself and does not count, for <c>details.claimed</c>; null when nothing.</summary>
    public IReadOnlyDictionary<string, string>? Claimed { get; init; }
}
