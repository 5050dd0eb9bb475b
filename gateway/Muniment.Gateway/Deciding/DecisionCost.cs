using Muniment.Gateway.Deciding.Prices;
using Muniment.Policy.Documents;

namespace Muniment.Gateway.Deciding;

/// <summary>What a call uses of limits.</summary>
/// <param name="Tokens">Tokens of all kinds, in and out.</param>
/// <param name="Usd">US dollars; 0 when no price is known.</param>
/// <param name="Price">Whether it is.</param>
public readonly record struct DecisionCost(long Tokens, decimal Usd, PriceKnowledge Price = PriceKnowledge.Known)
{
    /// <summary>The amount in a limit's unit as budgets count it: tokens, calls, or millionths of a dollar, rounded up.</summary>
    public long In(LimitUnit unit) => unit switch
    {
        LimitUnit.Calls => 1,
        LimitUnit.Tokens => Math.Max(0, Tokens),
        _ => (long)Math.Ceiling(Math.Clamp(Usd, 0, 1_000_000_000) * 1_000_000),
    };
}
