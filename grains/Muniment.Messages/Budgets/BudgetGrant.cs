namespace Muniment.Messages.Budgets;

/// <summary>A budget's answer.</summary>
/// <param name="Epoch">The count's epoch. Another than the one asked with: what was granted before is counted from the decision events now, and totals begin at 0 with this grant.</param>
/// <param name="Granted">What is granted now, on top of what was.</param>
/// <param name="Slice">Most that the holder should keep without a call that needs it.</param>
/// <param name="Available">What is left for all.</param>
[GenerateSerializer, Immutable, Alias("muniment.budget.grant")]
public sealed record BudgetGrant(
    [property: Id(0)] string Epoch, [property: Id(1)] long Granted, [property: Id(2)] long Slice, [property: Id(3)] long Available);
