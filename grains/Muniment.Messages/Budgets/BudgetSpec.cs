namespace Muniment.Messages.Budgets;

/// <summary>How much there is in which window. It goes with each ask, because a policy may change it at any time.</summary>
/// <param name="Limit">How much.</param>
/// <param name="WindowMs">How long the window is.</param>
/// <param name="StartMs">When it began, Unix ms; -1 for a sliding window, which ends now.</param>
[GenerateSerializer, Immutable, Alias("muniment.budget.spec")]
public sealed record BudgetSpec([property: Id(0)] long Limit, [property: Id(1)] long WindowMs, [property: Id(2)] long StartMs)
{
    /// <summary>Whether the window ends now.</summary>
    public bool IsSliding => StartMs < 0;
}
